import ArgumentParser
import CurlHTTPClient
import Gateway
import MicroHTTPServer
import ProviderStandIn

struct TryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract:
            "Shows a whole login on this machine: a marketplace stand-in, the gateway and a sample app. No configuration."
    )

    @Option(help: "The port of the gateway and the sample app; 0 for a free one. The stand-in uses another port.")
    var port: UInt16 = 4180

    @Flag(help: "Print events as they happen.")
    var verbose = false

    func run() async throws {
        let writer = verbose ? LogWriter(.text) : nil
        let (app, standIn): (RunningGateway, MicroHTTPServer)
        do { (app, standIn) = try await start(log: writer?.log ?? EventLog { _, _, _ in }) } catch {
            writer?.close()
            Terminal.complain("sso-gateway: \(error)")
            Terminal.complain("Is something else running there? `sso-gateway try --port 0` takes any free port.")
            throw Exit.failed
        }
        Terminal.say(Self.welcome(app: app, standIn: standIn))
        await Signals.waitForStop()
        await app.stop(within: .seconds(2))
        await standIn.drainAndStop(within: .seconds(1))
        writer?.close()
        Exit.stopped()
    }

    private func start(log: EventLog) async throws -> (RunningGateway, MicroHTTPServer) {
        // Gateway and stand-in are configured with each other's address, so ports are chosen before either starts.
        let ports = try Self.ports([port, 0, 0])
        let callback = "http://localhost:\(ports[0])/sso/callback"
        var settings = StandInSettings.demonstration(redirectLoginURL: callback)
        settings.integrations[0].webhookURL = "http://localhost:\(ports[0])/sso/webhook"
        settings.integrations[0].partnerURL = "http://localhost:\(ports[0])"
        let standIn = try MicroHTTPServer.start(
            ServerSettings(listen: .tcp(host: "127.0.0.1", port: ports[1])),
            handler: ProviderStandIn(
                settings: settings, now: Clock.system.unixSeconds, client: try CurlHTTPClient(ClientSettings())))
        let standInURL = "http://localhost:\(ports[1])"
        let configuration = try Demonstration.configuration(
            settings, standInURL: standInURL, port: ports[0], adminPort: ports[2])
        let app = try await RunningGateway(configuration, log: log) { gateway in
            TryProxy(gateway: gateway, app: SampleApp(marketplace: standInURL), authority: "localhost:\(ports[0])")
        }
        return (app, standIn)
    }

    /// Each port itself, or a free one for 0.
    private static func ports(_ numbers: [UInt16]) throws(ServerStartError) -> [UInt16] {
        // All are reserved before any is released, so that no two are equal.
        var reserved: [ReservedPort] = []
        defer { for port in reserved { port.release() } }
        for number in numbers { reserved.append(try ReservedPort.reserve(number)) }
        return reserved.map(\.number)
    }

    private static func welcome(app: RunningGateway, standIn: MicroHTTPServer) -> String {
        let terminal = Terminal()
        let appURL = "http://localhost:\(app.publicListener.port)"
        let standInURL = "http://localhost:\(standIn.port)"
        let row = { (name: String, url: String, what: String) in
            "  \(name.padded(to: 13))\(terminal.link(url))  \(terminal.faint(what))"
        }
        return """

            \(terminal.bold("sso-gateway"))  a whole login on this machine

            \(row("Marketplace", standInURL, "the stand-in: its dashboard starts a login"))
            \(row("App", appURL, "a sample app, behind the gateway"))
            \(row("Gateway", appURL + "/sso/", "the same address, as in production"))
            \(row("Admin", "http://localhost:\(app.adminListener.port)/metrics", ""))

            \(terminal.bold("Open")) \(terminal.link(standInURL)) and press \(terminal.bold("Open in Provider")), or do the same with curl:

              curl -sL -c jar -b jar -o /dev/null -w '%{url_effective}\\n' '\(standInURL)/sso/integrations/acme?path=billing'
              curl -s -b jar \(appURL)/sso/session

            Nothing is written to disk. Press Ctrl-C to stop.

            """
    }
}
