import CurlHTTPClient
import Gateway
import Glibc
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
    /// Where browsers find gateway and app.
    let port: UInt16
    /// With `--proxy nginx`: it and the app, which is then a server of its own.
    var nginx: TryNginx?
    var appServer: MicroHTTPServer?

    var appURL: String { "http://localhost:\(port)" }
    var standInURL: String { "http://localhost:\(standIn.port)" }
    var brokerURL: String { "http://127.0.0.1:\(app.brokerListener?.port ?? 0)" }

    /// The options of `try`.
    struct Parameters: Sendable {
        /// Of the gateway and the app; 0 for any free one.
        var port: UInt16 = 0
        /// The marketplace initiates standard logins instead of pushing codes.
        var isStandard = false
        /// A real nginx instead of the proxy in this process.
        var hasNginx = false
        var isVerbose = false
    }

    static func start(_ parameters: Parameters, log: EventLog) async throws -> Trying {
        let nginx =
            parameters.hasNginx ? TryNginx.find(in: unsafe getenv("PATH").map { unsafe String(cString: $0) }) : nil
        guard !parameters.hasNginx || nginx != nil else { throw TryNginx.StartError.notInstalled }
        // They name each other's address, so ports are settled before any starts.
        let ports = try FreePorts.take([parameters.port, 0, 0, 0, 0, 0])
        let origin = "http://localhost:\(ports[0])"
        var settings = StandInSettings.demonstration(redirectLoginURL: origin + "/sso/callback")
        settings.integrations[0].webhookURL = origin + "/sso/webhook"
        settings.integrations[0].partnerURL = origin
        if parameters.isStandard {
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
                settings, standInURL: standInURL, port: ports[0], listenPort: parameters.hasNginx ? ports[4] : ports[0],
                adminPort: ports[2], brokerPort: ports[3], brokerToken: token)
            let billing = SampleBilling(
                url: "http://127.0.0.1:\(ports[3])", token: token, client: try CurlHTTPClient(ClientSettings()),
                now: Clock.system.unixSeconds)
            let sample = SampleApp(marketplace: standInURL, billing: billing, origin: origin)
            let app = try await RunningGateway(configuration, log: log) { gateway in
                guard !parameters.hasNginx else { return gateway }
                return TryProxy(gateway: gateway, app: sample, authority: "localhost:\(ports[0])")
            }
            app.prepareKeys()
            var trying = Trying(
                app: app, standIn: standIn, brokerToken: token,
                installation: settings.integrations[0].installations[0].id, port: ports[0])
            guard parameters.hasNginx else { return trying }
            do {
                trying.appServer = try MicroHTTPServer.start(
                    ServerSettings(listen: .tcp(host: "127.0.0.1", port: ports[5])),
                    handler: SampleAppServer(app: sample))
                let site = try ProxySite(
                    configuration.gateway, gateway: .tcp(host: "127.0.0.1", port: ports[4]),
                    app: .tcp(host: "127.0.0.1", port: ports[5]))
                trying.nginx = try await TryNginx.start(
                    nginx, site: site, port: ports[0], isVerbose: parameters.isVerbose)
                return trying
            } catch {
                await trying.stopGateway()
                throw error
            }
        } catch {
            await standIn.drainAndStop(within: .zero)
            throw error
        }
    }

    func stop() async {
        nginx?.stop()
        await stopGateway()
        await standIn.drainAndStop(within: .seconds(1))
    }

    private func stopGateway() async {
        await app.stop(within: .seconds(2))
        await appServer?.drainAndStop(within: .seconds(1))
    }
}
