import ArgumentParser
import Gateway
import MicroHTTPServer

struct TryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract:
            "Shows a whole login on this machine: a marketplace stand-in, the gateway and a sample app. No configuration."
    )

    /// The real proxies that `try` can run.
    enum Proxy: String, CaseIterable, ExpressibleByArgument {
        case nginx
    }

    @Option(help: "The port of the gateway and the sample app; 0 for a free one. The stand-in uses another port.")
    var port: UInt16 = 4180

    @Option(help: "Run the real proxy in front, with the block that `snippet` prints. It must be installed.")
    var proxy: Proxy?

    @Flag(help: "The marketplace initiates standard OpenID Connect logins instead of pushing codes.")
    var oidc = false

    @Flag(help: "Print events as they happen, and what the proxy writes.")
    var verbose = false

    func run() async throws {
        let writer = verbose ? LogWriter(.text) : nil
        let trying: Trying
        do {
            trying = try await Trying.start(
                .init(port: port, isStandard: oidc, hasNginx: proxy == .nginx, isVerbose: verbose),
                log: writer?.log ?? EventLog { _, _, _ in })
        } catch {
            writer?.close()
            Terminal.fail("\(error)")
            if error is ServerStartError {
                Terminal.complain("Is something else running there? `sso-gateway try --port 0` takes any free port.")
            }
            throw Exit.failed
        }
        Terminal.say(Self.welcome(trying))
        await Self.wait(trying.nginx)
        let lastWords = trying.nginx.flatMap { $0.hasEnded ? $0.lastWords : nil }
        await trying.stop()
        writer?.close()
        guard let lastWords else { Exit.stopped() }
        Terminal.fail("nginx ended, so everything else was stopped. \(lastWords)")
        throw Exit.failed
    }

    /// For a signal, or for the proxy's end.
    private static func wait(_ nginx: TryNginx?) async {
        await withTaskGroup { group in
            group.addTask { await Signals.waitForStop() }
            if let nginx { group.addTask { await nginx.untilEnd() } }
            await group.next()
            group.cancelAll()
        }
    }

    private static func welcome(_ trying: Trying) -> String {
        let terminal = Terminal()
        var places = [
            ("Marketplace", trying.standInURL, "the stand-in: its dashboard starts a login"),
            ("App", trying.appURL, "a sample app, behind the gateway"),
            ("Gateway", trying.appURL + "/sso/", "the same address, as in production"),
            ("Broker", trying.brokerURL, "the marketplace's API, for the app's server"),
            ("Admin", "http://localhost:\(trying.app.adminListener.port)/metrics", "metrics, for the operator"),
        ]
        if let nginx = trying.nginx {
            places.insert(("nginx", nginx.configuration, "in front of both, with the block of `snippet nginx`"), at: 3)
        }
        let width = places.map(\.1.columns).max() ?? 0
        let rows = places.map { name, url, what in
            let blanks = String(repeating: " ", count: width - url.columns)
            return (name, "\(terminal.link(url))\(blanks)  \(terminal.faint(what))")
        }
        let disk =
            trying.nginx.map { "nginx's files are in \($0.folder), which is removed at the end." }
            ?? "Nothing is written to disk."
        return """

            \(terminal.bold("sso-gateway"))  a whole login on this machine

            \(Columns.rows(rows))

            \(terminal.bold("Open")) \(terminal.link(trying.standInURL)) and press \(terminal.bold("Open in Provider")), or do the same with curl:

              curl -sL -c jar -b jar -o /dev/null -w '%{url_effective}\\n' '\(trying.standInURL)/sso/integrations/acme?path=billing'
              curl -s -b jar \(trying.appURL)/sso/session

            The app's page has buttons that send usage and an invoice through the broker; the marketplace's dashboard shows them. With curl:

              curl -s -H 'Authorization: Bearer \(trying.brokerToken)' \(trying.brokerURL)/v1/installations/\(trying.installation)/account

            \(disk) Press Ctrl-C to stop.

            """
    }
}
