import CurlHTTPClient
import Gateway
import MicroHTTPServer
import OpenSSLCrypto
import ProviderStandIn
import Untrusted

/// All that `try` runs: the stand-in, the gateway, and the sample app behind it.
struct Trying: Sendable {
    let app: RunningGateway
    let standIn: MicroHTTPServer
    /// The app's own at the broker.
    let brokerToken: String
    /// The one that the demonstration has.
    let installation: String

    var appURL: String { "http://localhost:\(app.publicListener.port)" }
    var standInURL: String { "http://localhost:\(standIn.port)" }
    var brokerURL: String { "http://127.0.0.1:\(app.brokerListener?.port ?? 0)" }

    /// `port`: of the gateway and the app; 0 for any free one. `isStandard`: the marketplace initiates standard logins instead of
    /// pushing codes.
    static func start(port: UInt16, isStandard: Bool = false, log: EventLog) async throws -> Trying {
        // They name each other's address, so ports are settled before any starts.
        let ports = try FreePorts.take([port, 0, 0, 0])
        let origin = "http://localhost:\(ports[0])"
        var settings = StandInSettings.demonstration(redirectLoginURL: origin + "/sso/callback")
        settings.integrations[0].webhookURL = origin + "/sso/webhook"
        settings.integrations[0].partnerURL = origin
        if isStandard {
            settings.integrations[0].oidcLoginURL = origin + Demonstration.oidcPath
            settings.issuer = "http://localhost:\(ports[1])"
        }
        let standIn = try MicroHTTPServer.start(
            ServerSettings(listen: .tcp(host: "127.0.0.1", port: ports[1])),
            handler: ProviderStandIn(
                settings: settings, now: Clock.system.unixSeconds, client: try CurlHTTPClient(ClientSettings())))
        let standInURL = "http://localhost:\(ports[1])"
        let token = SecureRandom.bytes(16).hexadecimal
        do {
            let configuration = try Demonstration.configuration(
                settings, standInURL: standInURL, port: ports[0], adminPort: ports[2], brokerPort: ports[3],
                brokerToken: token)
            let billing = SampleBilling(
                url: "http://127.0.0.1:\(ports[3])", token: token, client: try CurlHTTPClient(ClientSettings()),
                now: Clock.system.unixSeconds)
            let app = try await RunningGateway(configuration, log: log) { gateway in
                TryProxy(
                    gateway: gateway, app: SampleApp(marketplace: standInURL, billing: billing, origin: origin),
                    authority: "localhost:\(ports[0])")
            }
            app.prepareKeys()
            return Trying(
                app: app, standIn: standIn, brokerToken: token,
                installation: settings.integrations[0].installations[0].id)
        } catch {
            await standIn.drainAndStop(within: .zero)
            throw error
        }
    }

    func stop() async {
        await app.stop(within: .seconds(2))
        await standIn.drainAndStop(within: .seconds(1))
    }
}
