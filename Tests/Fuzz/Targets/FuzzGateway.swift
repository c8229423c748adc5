import Gateway
import HTTP
import SecretMemory
import Storage

/// A gateway whose keys are not known outside, without a network.
enum FuzzGateway {
    static let now: Int64 = 1_800_000_000
    static let clientSecret = SecretBytes("secret")

    static func make(rules: RuleTable = RuleTable()) -> Gateway {
        guard let origin = WebOrigin("https://app.partner.example"), let route = try? RouteTemplate("/dashboard"),
            case let ring = KeyRingFile(now: now).ring
        else { preconditionFailure("own settings") }
        var integration = IntegrationSettings(
            name: "live", clientID: "oac_Own", clientSecret: clientSecret, slug: "acme",
            routes: DeepLinkRoutes(default: route))
        integration.oidcPath = "/sso/oidc"
        let settings = GatewaySettings(publicOrigin: origin, rules: rules, integrations: [integration])
        let clock = Clock(unixSeconds: { now }, nanoseconds: { 0 })
        return Gateway(
            settings: settings, keyRing: ring,
            access: LiveStore(MemoryStore(), lifetimes: settings.session, Observability(clock: clock)),
            client: Unreachable(),
            Observability(clock: clock))
    }

    private struct Unreachable: HTTPClient {
        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse { throw .stopped }
    }
}
