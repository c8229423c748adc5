import ArgumentParser
import CurlHTTPClient
import Gateway
import MicroHTTPServer
import ProviderStandIn

struct TryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "A whole login on this machine: marketplace stand-in, gateway and a sample app, nothing to configure."
    )

    @Option(help: "Port of the gateway and the sample app; 0 for any free one. The stand-in takes another.")
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
        await Signals.untilTold()
        await app.stop(within: .seconds(2))
        await standIn.drainAndStop(within: .seconds(1))
        writer?.close()
        Exit.stopped()
    }

    private func start(log: EventLog) async throws -> (RunningGateway, MicroHTTPServer) {
        // The two name each other's address, so ports are settled before either starts.
        let ports = try FreePorts.take([port, 0, 0])
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
            TryFront(gateway: gateway, app: SampleApp(marketplace: standInURL), authority: "localhost:\(ports[0])")
        }
        return (app, standIn)
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

            \(row("Marketplace", standInURL, "the stand-in: whose dashboard people come from"))
            \(row("App", appURL, "a sample app, behind the gateway"))
            \(row("Gateway", appURL + "/sso/", "the same address, as in production"))
            \(row("Admin", "http://localhost:\(app.adminListener.port)/metrics", ""))

            \(terminal.bold("Open")) \(terminal.link(standInURL)) and press \(terminal.bold("Open in Provider")), or do the same by curl:

              curl -sL -c jar -b jar -o /dev/null -w '%{url_effective}\\n' '\(standInURL)/sso/integrations/acme?path=billing'
              curl -s -b jar \(appURL)/sso/session

            Nothing is written to disk. Ctrl-C ends it.

            """
    }
}
