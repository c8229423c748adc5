import ArgumentParser
import Gateway
import MicroHTTPServer

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
        let trying: Trying
        do { trying = try await Trying.start(port: port, log: writer?.log ?? EventLog { _, _, _ in }) } catch {
            writer?.close()
            Terminal.complain("sso-gateway: \(error)")
            Terminal.complain("Is something else running there? `sso-gateway try --port 0` takes any free port.")
            throw Exit.failed
        }
        Terminal.say(Self.welcome(trying))
        await Signals.untilTold()
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

            \(row("Marketplace", trying.standInURL, "the stand-in: whose dashboard people come from"))
            \(row("App", trying.appURL, "a sample app, behind the gateway"))
            \(row("Gateway", trying.appURL + "/sso/", "the same address, as in production"))
            \(row("Broker", trying.brokerURL, "the marketplace's API, for the app's server"))
            \(row("Admin", "http://localhost:\(trying.app.adminListener.port)/metrics", ""))

            \(terminal.bold("Open")) \(terminal.link(trying.standInURL)) and press \(terminal.bold("Open in Provider")), or do the same by curl:

              curl -sL -c jar -b jar -o /dev/null -w '%{url_effective}\\n' '\(trying.standInURL)/sso/integrations/acme?path=billing'
              curl -s -b jar \(trying.appURL)/sso/session

            The app's page has buttons that send usage and an invoice by the broker; the marketplace's dashboard shows them. By curl:

              curl -s -H 'Authorization: Bearer \(trying.brokerToken)' \(trying.brokerURL)/v1/installations/\(trying.installation)/account

            Nothing is written to disk. Ctrl-C ends it.

            """
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}
