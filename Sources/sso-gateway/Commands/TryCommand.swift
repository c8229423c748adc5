import ArgumentParser
import Gateway
import MicroHTTPServer

struct TryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract:
            "Shows a whole login on this machine: a marketplace stand-in, the gateway and a sample app. No configuration."
    )

    @Option(help: "The port of the gateway and the sample app; 0 for a free one. The stand-in uses another port.")
    var port: UInt16 = 4180

    @Flag(help: "The marketplace initiates standard OpenID Connect logins instead of pushing codes.")
    var oidc = false

    @Flag(help: "Print events as they happen.")
    var verbose = false

    func run() async throws {
        let writer = verbose ? LogWriter(.text) : nil
        let trying: Trying
        do {
            trying = try await Trying.start(port: port, isStandard: oidc, log: writer?.log ?? EventLog { _, _, _ in })
        } catch {
            writer?.close()
            Terminal.fail("\(error)")
            Terminal.complain("Is something else running there? `sso-gateway try --port 0` takes any free port.")
            throw Exit.failed
        }
        Terminal.say(Self.welcome(trying))
        await Signals.waitForStop()
        await trying.stop()
        writer?.close()
        Exit.stopped()
    }

    private static func welcome(_ trying: Trying) -> String {
        let terminal = Terminal()
        let row = { (name: String, url: String, what: String) in
            "  \(name.padded(to: 13))\(terminal.link(url))  \(terminal.faint(what))"
        }
        return """

            \(terminal.bold("sso-gateway"))  a whole login on this machine

            \(row("Marketplace", trying.standInURL, "the stand-in: its dashboard starts a login"))
            \(row("App", trying.appURL, "a sample app, behind the gateway"))
            \(row("Gateway", trying.appURL + "/sso/", "the same address, as in production"))
            \(row("Broker", trying.brokerURL, "the marketplace's API, for the app's server"))
            \(row("Admin", "http://localhost:\(trying.app.adminListener.port)/metrics", ""))

            \(terminal.bold("Open")) \(terminal.link(trying.standInURL)) and press \(terminal.bold("Open in Provider")), or do the same with curl:

              curl -sL -c jar -b jar -o /dev/null -w '%{url_effective}\\n' '\(trying.standInURL)/sso/integrations/acme?path=billing'
              curl -s -b jar \(trying.appURL)/sso/session

            The app's page has buttons that send usage and an invoice through the broker; the marketplace's dashboard shows them. With curl:

              curl -s -H 'Authorization: Bearer \(trying.brokerToken)' \(trying.brokerURL)/v1/installations/\(trying.installation)/account

            Nothing is written to disk. Press Ctrl-C to stop.

            """
    }
}
