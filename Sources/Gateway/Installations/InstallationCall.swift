import HTTP
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// One of the marketplace's calls about an installation, before its token is verified.
///
/// <https://vercel.com/docs/integrations/create-integration/marketplace-api/reference/partner/upsert-installation>
package struct InstallationCall: Sendable {
    package static let prefix = "/v1/installations/"
    static let methods: [HTTPMethod] = [.put, .get, .patch, .delete]

    /// Why a call is refused as malformed, in the order of the checks.
    enum Refusal: String, Error, Sendable, CaseIterable {
        case actor, token, idempotency
        case actorForMethod = "actor_for_method"
        case body
    }

    let method: HTTPMethod
    let installationID: String
    let kind: CallToken.Kind
    let token: UnverifiedIDToken
    /// 1 to 255 printable bytes; equal when a call is repeated.
    let idempotencyKey: String?
    private let unread: SecretBytes

    /// Nil for other addresses.
    static func installationID(of target: RequestTarget) -> String? {
        // Ids are letters, digits, `_` and `-`, which need no decoding.
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

    /// Which token each method needs, by the marketplace's documentation.
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

    /// The body of an authenticated call. Bodies of unknown senders are not parsed.
    struct Content: Sendable {
        /// The body without any access token; nil where there is none.
        let body: JSONObject?
        /// `credentials.access_token`. Only for the store.
        let accessToken: SecretBytes?

        var account: AccountData? {
            guard case .object(let account)? = body?["account"] else { return nil }
            return AccountData(account)
        }
    }

    /// Reads the body. Call it only after the token was verified.
    func content() throws(Refusal) -> Content {
        guard method != .get, !unread.isEmpty || method == .put else { return Content(body: nil, accessToken: nil) }
        guard let (body, token) = try? JSONObject.parse(unread, withholding: ["credentials", "access_token"])
        else { throw .body }
        guard method == .put else { return Content(body: body, accessToken: nil) }
        if let token, !GrantedToken.isUsable(token) { throw .body }
        return Content(body: JSONObject(body.members.filter { $0.name != "credentials" }), accessToken: token)
    }
}
