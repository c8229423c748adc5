import HTTP
import JOSE
import Marketplace
import SecretMemory

/// One of the marketplace's own calls about an installation, as it came: who it says it is has yet to be proved.
///
/// <https://vercel.com/docs/integrations/create-integration/marketplace-api/reference/partner/upsert-installation>
struct InstallationCall: Sendable {
    static let prefix = "/v1/installations/"
    static let methods: [HTTPMethod] = [.put, .get, .patch, .delete]

    /// Why a call is not even looked into, in the order of the checks.
    enum Refusal: String, Error, Sendable, CaseIterable {
        case actor, token, idempotency
        case actorForMethod = "actor_for_method"
        case body
    }

    let method: HTTPMethod
    let installationID: String
    let kind: CallToken.Kind
    let token: UnverifiedIDToken
    /// 1 to 255 printable bytes; equal for the same call sent again.
    let idempotencyKey: String?
    /// The body without any access token; nil where there is none.
    let body: JSONObject?
    /// `credentials.access_token`, which goes into the store and nowhere else.
    let accessToken: SecretBytes?

    private static let idBytes = ByteSet.unreserved.subtracting(".~")

    /// Nil for whatever is no installation's address.
    static func installationID(of target: RequestTarget) -> String? {
        // Ids are letters, digits, `_` and `-`: nothing to decode, and one spelling.
        var rest = target.rawPath.dropFirst(prefix.count)
        if rest.last == "/" { rest.removeLast() }
        guard (1...IDTokenRules.maximumIdentifierLength).contains(rest.utf8.count),
            rest.utf8.allSatisfy(idBytes.contains)
        else { return nil }
        return String(rest)
    }

    init(_ request: HTTPRequest, installationID: String) throws(Refusal) {
        method = request.method
        self.installationID = installationID
        guard case .one(let actor) = request.headers.lookUp(.xVercelAuth), let kind = CallToken.Kind(rawValue: actor)
        else { throw .actor }
        self.kind = kind
        guard Self.actors(of: method).contains(kind) else { throw .actorForMethod }
        token = try Self.bearer(request.headers)
        switch request.headers.lookUp(.idempotencyKey) {
        case .absent: idempotencyKey = nil
        case .one(let key)
        where (1...255).contains(key.utf8.count) && ByteSet.visible.containsAll(key):
            idempotencyKey = key
        default: throw .idempotency
        }
        (body, accessToken) = try Self.content(of: request)
    }

    /// Who may do what: the marketplace's table.
    static func actors(of method: HTTPMethod) -> [CallToken.Kind] {
        switch method {
        case .put, .patch: [.user]
        case .get: [.system]
        case .delete: [.user, .system]
        default: []
        }
    }

    private static func bearer(_ headers: HTTPHeaders) throws(Refusal) -> UnverifiedIDToken {
        let scheme = "Bearer "
        guard case .one(let presented) = headers.lookUpBytes(.authorization),
            HTTPHeaders.equal(presented.prefix(scheme.utf8.count), scheme)
        else { throw .token }
        do { return try UnverifiedIDToken(SecretBytes(presented.dropFirst(scheme.utf8.count))) } catch { throw .token }
    }

    private static func content(of request: HTTPRequest) throws(Refusal) -> (JSONObject?, SecretBytes?) {
        guard request.method != .get, !request.body.isEmpty || request.method == .put else { return (nil, nil) }
        guard let (body, token) = try? JSONObject.parse(request.body, withholding: ["credentials", "access_token"])
        else { throw .body }
        guard request.method == .put else { return (body, nil) }
        if let token, !GrantedToken.isUsable(token) { throw .body }
        return (JSONObject(body.members.filter { $0.name != "credentials" }), token)
    }

    /// What the body says of the account.
    var account: AccountData? {
        guard case .object(let account)? = body?["account"] else { return nil }
        return AccountData(account)
    }
}
