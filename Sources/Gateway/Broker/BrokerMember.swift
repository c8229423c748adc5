import HTTP
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// The member for whom a partner's server calls, as its `X-SSO-Assertion` says.
struct BrokerMember: Sendable {
    let userID: String
    let key: InstallationKey
    let role: MemberRole
}

/// Checks `X-SSO-Assertion` as an app does: algorithm, signature, issuer, audience and times.
struct BrokerAssertions: Sendable {
    static let header = "X-SSO-Assertion"
    /// For clocks that differ. In seconds.
    static let leeway: Int64 = 5

    private let keys: JWKSet
    private let issuer: String
    /// Every audience that this gateway makes assertions for.
    private let audiences: Set<UntrustedText>

    init(_ ring: KeyRing, origin: WebOrigin, audiences: [String]) {
        let keys = ring.keys.map { key in
            JSONValue.object(SignJWS.publicJWK(.ec(key.assertionKey), keyID: key.id, for: .es256))
        }
        let document: JSONObject = ["keys": .array(keys)]
        guard let keys = try? JWKSet(parsing: SecretBytes(document.encoded)) else {
            preconditionFailure("The ring's own keys are a key set.")
        }
        self.keys = keys
        issuer = origin.description
        self.audiences = Set(audiences.map { UntrustedText($0) })
    }

    /// Nil where the request has none. An empty one is refused: without a session there is no member.
    func member(_ request: HTTPRequest, now: Int64) throws(BrokerRefusal) -> BrokerMember? {
        switch request.headers.lookUp(Self.header) {
        case .absent: return nil
        case .one(let text):
            if let member = verify(text, now: now) { return member }
        case .several: break
        }
        throw BrokerRefusal(401, "assertion", "X-SSO-Assertion is not a valid assertion of this gateway.")
    }

    private func verify(_ text: String, now: Int64) -> BrokerMember? {
        guard let jws = try? UnverifiedJWS(SecretBytes(text)), jws.keyID != nil, jws.header["typ"]?.text == "JWT",
            let verified = try? keys.verify(jws, algorithms: [.es256]),
            let claims = try? JSONObject(parsing: verified.payload),
            claims["iss"]?.text?.equals(issuer) == true,
            let audience = claims["aud"]?.text, audiences.contains(audience),
            case .integer(let expires)? = claims["exp"], now - Self.leeway < expires,
            case .integer(let issued)? = claims["iat"], issued <= now + Self.leeway,
            let user = claims["sub"]?.text.flatMap(MarketplaceIdentifier.read),
            let installation = claims["installation_id"]?.text.flatMap(MarketplaceIdentifier.read),
            let integration = claims["integration"]?.text,
            let role = claims["role"]?.text.flatMap({ MemberRole($0) })
        else { return nil }
        return BrokerMember(
            userID: user, key: InstallationKey(integration: integration.string, installationID: installation),
            role: role)
    }
}
