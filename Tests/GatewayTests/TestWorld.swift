import HTTP
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Storage

@testable import Gateway

/// Settings, keys and members for tests of single types. Whole logins are tested against the stand-in over real sockets.
enum TestWorld {
    static let now: Int64 = 1_800_000_000
    static let ring = KeyRing([KeyRing.Key(id: "0a1b2c3d", secret: SecretBytes(SecureRandom.bytes(32)))])

    static let clock = Clock(unixSeconds: { now }, nanoseconds: { 0 })
    static let observability = Observability(clock: clock)

    /// An empty store in memory.
    static var access: LiveStore {
        LiveStore(MemoryStore(), lifetimes: SessionLifetimes(), observability)
    }

    static func origin(_ text: String = "https://app.example.test") -> WebOrigin {
        guard let origin = WebOrigin(text) else { preconditionFailure("\(text) is no origin") }
        return origin
    }

    static func template(_ text: String) -> RouteTemplate {
        guard let template = try? RouteTemplate(text) else { preconditionFailure("\(text) is no template") }
        return template
    }

    static func integration(_ name: String = "live", clientID: String = "oac_Test") -> IntegrationSettings {
        IntegrationSettings(
            name: name, clientID: clientID, clientSecret: SecretBytes("secret"), slug: "acme",
            callbackPath: "/\(name)/callback", routes: DeepLinkRoutes(default: template("/dashboard")))
    }

    static func settings(rules: RuleTable = RuleTable(), integrations: [IntegrationSettings] = [integration()])
        -> GatewaySettings
    {
        GatewaySettings(publicOrigin: origin(), rules: rules, integrations: integrations)
    }

    static func session(
        user: String = "0123abcd", role: MemberRole = .user, name: String = "Ada", email: String = "ada@example.test",
        avatar: String = "", integration: String = "live", at time: Int64 = now
    ) -> Session {
        Session(
            id: SessionID(.secure), member: MemberKey(integration: integration, installationID: "icfg_1", userID: user),
            accountID: "feed", role: role, roleCheckedAt: time, name: name, email: email, avatarURL: avatar,
            issuedAt: time, lastRenewed: time, expires: time + 8 * 3600)
    }

    /// The same as it is found in a request.
    static func live(_ session: Session = session()) -> LiveSession {
        LiveSession(session)
    }

    static func context(_ request: HTTPRequest, at time: Int64 = now) -> RequestContext {
        RequestContext(request: request, id: observability.requestIDs.next(), now: time)
    }

    static func request(_ path: String, headers: HTTPHeaders = [:], peer: String = "127.0.0.1") -> HTTPRequest {
        guard let target = try? RequestTarget(SecretBytes(path)), let address = IPAddress(peer) else {
            preconditionFailure("\(path) is no target")
        }
        return HTTPRequest(method: .get, target: target, headers: headers, body: SecretBytes([]), peer: .ip(address))
    }
}
