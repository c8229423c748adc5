import HTTP
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// One of the marketplace's own calls about an installation, as it came: who it says it is has yet to be proved.
///
/// <https://vercel.com/docs/integrations/create-integration/marketplace-api/reference/partner/upsert-installation>
package struct InstallationCall: Sendable {
    package static let prefix = "/v1/installations/"
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
    /// The body as it came.
    private let unread: SecretBytes

    /// Nil for whatever is no installation's address.
    static func installationID(of target: RequestTarget) -> String? {
        // Ids are letters, digits, `_` and `-`: nothing to decode, and one spelling.
        guard let rest = target.rawPath.dropping(prefix: prefix) else { return nil }
        return MarketplaceIdentifier.read(
            rest.hasSuffix("/") ? UntrustedText(checked: Array(rest.bytes.dropLast())) : rest)
    }

    init(_ request: HTTPRequest, installationID: String) throws(Refusal) {
        method = request.method
        self.installationID = installationID
        guard case .one(let actor) = request.headers.lookUp(.xVercelAuth), let kind = CallToken.Kind(actor)
        else { throw .actor }
        self.kind = kind
        guard Self.actors(of: method).contains(kind) else { throw .actorForMethod }
        token = try Self.bearer(request.headers)
        switch request.headers.lookUp(.idempotencyKey) {
        case .absent: idempotencyKey = nil
        case .one(let key)
        where (1...255).contains(key.count) && ByteSet.visible.containsAll(key.bytes.span):
            idempotencyKey = key.string
        default: throw .idempotency
        }
        unread = request.body
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

    /// What an authenticated caller sent. Nothing of a body is parsed for an unknown sender.
    struct Content: Sendable {
        /// The body without any access token; nil where there is none.
        let body: JSONObject?
        /// `credentials.access_token`, which goes into the store and nowhere else.
        let accessToken: SecretBytes?

        /// What the body says of the account.
        var account: AccountData? {
            guard case .object(let account)? = body?["account"] else { return nil }
            return AccountData(account)
        }
    }

    /// Reads the body. For callers whose token was verified.
    func content() throws(Refusal) -> Content {
        guard method != .get, !unread.isEmpty || method == .put else { return Content(body: nil, accessToken: nil) }
        guard let (body, token) = try? JSONObject.parse(unread, withholding: ["credentials", "access_token"])
        else { throw .body }
        guard method == .put else { return Content(body: body, accessToken: nil) }
        if let token, !GrantedToken.isUsable(token) { throw .body }
        return Content(body: JSONObject(body.members.filter { $0.name != "credentials" }), accessToken: token)
    }
}
