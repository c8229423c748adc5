import CurlHTTPClient
import HTTP
import JOSE
import Locking
import MicroHTTPServer
import OpenSSLCrypto
import SecretMemory
import TestSupport

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// A stand-in and a whole gateway in this process, on free ports, put together by the executable's own composition
/// root. Browsers reach the gateway under `https://app.example.test`, as behind a proxy.
struct LoginWorld: Sendable {
    struct Plan {
        var integrations = [Self.acme()]
        var clock = TestClock()
        var ring = freshRing()
        var rules = RuleTable()
        var confirm = LoginSettings.ConfirmLogin.whenSwitching
        var whenStoreUnavailable = LoginSettings.WhenStoreUnavailable.refuse
        var loggedDecisions = DecisionSampling.none
        /// Nil for the installations' own, in the configuration.
        var tokens: InstallationTokenSource?
        var unknown = UnknownInstallations.allow
        var members = MemberSettings()
        var session = SessionLifetimes()
        var store = StoreSetting.memory
        /// Nil for an admin socket.
        var adminToken: String?
        /// Nil before `run`, which chooses a path.
        var adminSocket: ListenAddress?
        /// Where the partner takes calls about installations.
        var hook: String?
        /// Whether the configuration has the installations' tokens.
        var hasTokens = true
        /// Nil for no broker.
        var broker: BrokerSettings?
        var brokerListen = ListenAddress.tcp(host: "127.0.0.1", port: 0)
        /// Another marketplace's than the stand-in's.
        var apiURL: String?
        /// Of the stand-in's tokens.
        var algorithm = SignatureAlgorithm.rs256
        /// In the gateway's configuration.
        var algorithms: Set<SignatureAlgorithm> = [.rs256]
        /// Another issuer than the stand-in, and its keys.
        var issuer: (address: String, keys: String)?

        /// Ada, an administrator, and Ben, who only reads.
        static func acme(_ slug: String = "acme", clientID: String = "oac_Acme", callback: String = "/sso/callback")
            -> StandInSettings.Integration
        {
            var integration = StandInSettings.demonstration(redirectLoginURL: LoginWorld.origin + callback)
                .integrations[0]
            integration.slug = slug
            integration.webhookURL = LoginWorld.origin + "/sso/webhook"
            integration.partnerURL = LoginWorld.origin
            integration.clientID = clientID
            return integration
        }

        /// The same, whose marketplace initiates standard logins.
        static func standard(
            _ slug: String = "acme", clientID: String = "oac_Acme", callback: String = "/sso/callback",
            login: String = "/sso/oidc"
        ) -> StandInSettings.Integration {
            var integration = acme(slug, clientID: clientID, callback: callback)
            integration.oidcLoginURL = LoginWorld.origin + login
            return integration
        }
    }

    static let origin = "https://app.example.test"
    static let ada = "0ada0ada0ada0ada0ada0ada"
    static let ben = "0be40be40be40be40be40be4"

    /// What nginx says of a request for `/reports`.
    static let original: HTTPHeaders = [
        "X-Original-Method": "GET", "X-Original-URI": "/reports", "X-Forwarded-Host": "app.example.test",
        "X-Forwarded-Proto": "https",
    ]

    let standIn: StandInServer
    let gateway: RunningGateway
    let log: LogCollector
    let client: CurlHTTPClient
    /// Speaks to the admin socket; nil where the plan has a token.
    let socketClient: CurlHTTPClient?
    let folder: TestFolder
    let plan: Plan

    /// Everything fresh, and stopped behind `body`.
    static func run<Result>(
        _ change: (inout Plan) -> Void = { _ in }, _ body: (LoginWorld) async throws -> Result
    ) async throws -> Result {
        var plan = Plan()
        change(&plan)
        let standIn = try standIn(plan)
        do {
            let result = try await run(on: standIn, plan, body)
            await standIn.stop()
            return result
        } catch {
            await standIn.stop()
            throw error
        }
    }

    /// The issuer of standard logins is an address, so its port is settled before the start.
    static func standIn(_ plan: Plan) throws -> StandInServer {
        var settings = StandInSettings(integrations: plan.integrations)
        settings.algorithm = plan.algorithm
        guard plan.integrations.contains(where: { $0.oidcLoginURL != nil }) else {
            return try StandInServer(settings, clock: plan.clock)
        }
        let port = try unusedPort()
        settings.issuer = "http://127.0.0.1:\(port)"
        return try StandInServer(settings, clock: plan.clock, port: port)
    }

    /// A gateway of its own for a stand-in that is there already.
    static func run<Result>(
        on standIn: StandInServer, _ plan: Plan = Plan(), _ body: (LoginWorld) async throws -> Result
    ) async throws -> Result {
        let log = LogCollector()
        let client = try CurlHTTPClient(ClientSettings())
        let folder = try TestFolder()
        let socket = plan.adminToken == nil ? "\(folder.path)/admin.sock" : nil
        var plan = plan
        plan.adminSocket = socket.map { .unix(path: $0, mode: 0o600) }
        let gateway = try await RunningGateway(
            try configuration(plan, standIn.url), log: log.log, clock: plan.clock.clock)
        standIn.partner.withLock { $0 = "http://127.0.0.1:\(gateway.publicListener.port)" }
        let world = LoginWorld(
            standIn: standIn, gateway: gateway, log: log, client: client,
            socketClient: try socket.map { try CurlHTTPClient(ClientSettings(unixSocket: $0)) }, folder: folder,
            plan: plan)
        do {
            let result = try await body(world)
            await world.stop()
            return result
        } catch {
            await world.stop()
            throw error
        }
    }

    /// The client first: a gateway that drains waits for connections that are kept.
    private func stop() async {
        client.stop()
        socketClient?.stop()
        await gateway.stop(within: .zero)
    }

    func browser() -> TestBrowser {
        TestBrowser(client, [Self.origin: gatewayURL, standIn.url: standIn.url])
    }

    var port: UInt16 { gateway.publicListener.port }
    var gatewayURL: String { "http://127.0.0.1:\(port)" }
    var adminURL: String { "http://127.0.0.1:\(gateway.adminListener.port)" }

    /// For the commands' `--admin`: the socket, or the listener where there is a token.
    var adminAddress: String { socketClient == nil ? adminURL : "unix:\(folder.path)/admin.sock" }

    /// A request to the admin socket, or to the listener where there is a token.
    func administer(
        _ method: HTTPMethod, _ path: String, headers extra: HTTPHeaders = [:], body: String? = nil
    ) async throws -> HTTPClientResponse {
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        for field in extra.fields { headers.append(field.name, field.value) }
        return try await (socketClient ?? client).send(
            HTTPClientRequest(
                method, adminURL + path, headers: headers, body: body.map { SecretBytes($0) }, timeout: .seconds(20)))
    }

    static func freshRing() -> KeyRing {
        KeyRing([KeyRing.Key(id: "0a1b2c3d", secret: SecretBytes(SecureRandom.bytes(32)))])
    }

    static func configuration(_ plan: Plan, _ marketplace: String) throws -> Configuration {
        guard let origin = WebOrigin(origin) else { preconditionFailure("an origin") }
        let integrations = try plan.integrations.map { integration in
            let tokens = integration.installations.filter { _ in plan.hasTokens }.map {
                ($0.id, SecretBytes($0.accessToken))
            }
            var settings = IntegrationSettings(
                name: integration.slug, clientID: integration.clientID,
                clientSecret: SecretBytes(integration.clientSecret), slug: integration.slug,
                callbackPath: String(integration.redirectLoginURL.dropFirst(Self.origin.count)),
                jwksURL: marketplace + "/.well-known/jwks", apiURL: plan.apiURL ?? marketplace,
                ssoURL: marketplace + "/sso/integrations", unknownInstallations: plan.unknown,
                installationToken: plan.tokens ?? .configured(Dictionary(uniqueKeysWithValues: tokens)),
                routes: DeepLinkRoutes(
                    default: try RouteTemplate("/dashboard"),
                    resource: try RouteTemplate("/resources/{resource_id}"),
                    path: ["billing": try RouteTemplate("/billing")]))
            settings.algorithms = plan.algorithms
            if let login = integration.oidcLoginURL {
                settings.oidcPath = String(login.dropFirst(Self.origin.count))
                settings.issuer = plan.issuer?.address ?? marketplace
                settings.jwksURL = plan.issuer?.keys ?? settings.jwksURL
            }
            settings.installationHook = plan.hook
            if let webhook = integration.webhookURL {
                settings.webhookPath = String(webhook.dropFirst(Self.origin.count))
            }
            return settings
        }
        return Configuration(
            gateway: GatewaySettings(
                publicOrigin: origin, session: plan.session, members: plan.members,
                login: LoginSettings(confirm: plan.confirm, whenStoreUnavailable: plan.whenStoreUnavailable),
                rules: plan.rules, loggedDecisions: plan.loggedDecisions, integrations: integrations,
                broker: plan.broker),
            listen: .tcp(host: "127.0.0.1", port: 0), adminListen: .tcp(host: "127.0.0.1", port: 0),
            adminSocket: plan.adminSocket, adminToken: plan.adminToken.map { SecretBytes($0) },
            brokerListen: plan.broker.map { _ in plan.brokerListen }, keyRing: plan.ring, keyRingPath: "(in memory)",
            store: plan.store, caFile: nil,
            shutdownTimeout: .seconds(2), eventLoops: 1,
            connections: .init(), allowOldHTTPLibrary: false)
    }
}
