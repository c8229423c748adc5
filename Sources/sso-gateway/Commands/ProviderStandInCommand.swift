import ArgumentParser
import CurlHTTPClient
import Gateway
import JOSE
import MicroHTTPServer
import ProviderStandIn
import Untrusted

struct ProviderStandInCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider-stand-in",
        abstract: "Runs a stand-in for the marketplace, with switchable faults, for your own tests.",
        discussion: """
            GET / is a dashboard. POST /stand-in/faults with fault=NAME switches a fault on; GET lists the names. \
            For scripts: POST /stand-in/keys/rotate, POST /stand-in/codes, POST /stand-in/webhooks (type, user, role), \
            POST /stand-in/installations (method, user) and GET /stand-in/counters. \
            POST /stand-in/clock (advance_s or to) advances the time for invoices. POST /stand-in/billing (payments, \
            credits) sets how customers pay; GET shows the received data.
            """)

    @Option(help: "The port on 127.0.0.1; 0 for a free one.")
    var port: UInt16 = 4190

    @Option(help: "Your Redirect Login URL: the browser is sent there with a code.")
    var redirectLoginURL = "http://localhost:4180/sso/callback"

    @Option(
        help:
            "Where your app begins standard OpenID Connect logins, instead of codes; the issuer is the stand-in itself."
    )
    var oidcLoginURL: String?

    @Option(help: "Your Webhook URL: events are sent there.")
    var webhookURL = "http://localhost:4180/sso/webhook"

    @Option(help: "The Base URL of your API: calls about installations are sent there.")
    var partnerURL = "http://localhost:4180"

    @Option(help: "The lifetime of a code, in seconds.")
    var codeLifetime: Int64 = 60

    @Option(help: "The algorithm that signs id_tokens: RS256 like the marketplace, or another one of RFC 7518 or 8037.")
    var algorithm = SignatureAlgorithm.rs256

    func run() async throws {
        var settings = StandInSettings.demonstration(redirectLoginURL: redirectLoginURL)
        settings.codeLifetime = codeLifetime
        settings.integrations[0].webhookURL = webhookURL
        settings.integrations[0].partnerURL = partnerURL
        settings.algorithm = algorithm
        // The issuer is an address, so the port is settled before the start.
        let port: UInt16
        do { port = try FreePorts.take([self.port])[0] } catch {
            Terminal.fail("\(error)")
            throw Exit.failed
        }
        if let oidcLoginURL {
            settings.integrations[0].oidcLoginURL = oidcLoginURL
            settings.issuer = "http://localhost:\(port)"
        }
        let server: MicroHTTPServer
        do {
            server = try MicroHTTPServer.start(
                ServerSettings(listen: .tcp(host: "127.0.0.1", port: port)),
                handler: ProviderStandIn(
                    settings: settings, now: Clock.system.unixSeconds, client: try CurlHTTPClient(ClientSettings())))
        } catch {
            Terminal.fail("\(error)")
            throw Exit.failed
        }
        let integration = settings.integrations[0]
        Terminal.say(
            """
            Marketplace stand-in at http://localhost:\(server.port)

              client_id             \(integration.clientID)
              client_secret         \(integration.clientSecret)
              slug                  \(integration.slug)
              installation          \(integration.installations[0].id)
              installation token    \(integration.installations[0].accessToken)
              account token         \(settings.accountToken)
              checkout token        \(settings.checkoutToken)
              issuer                \(settings.issuer)
              redirect login URL    \(redirectLoginURL)\(Self.standard(settings.integrations[0]))
              webhook URL           \(webhookURL)
              Base URL              \(partnerURL)
            """)
        await Signals.waitForStop()
        await server.drainAndStop(within: .seconds(1))
        Exit.stopped()
    }
}

extension ProviderStandInCommand {
    private static func standard(_ integration: StandInSettings.Integration) -> String {
        integration.oidcLoginURL.map { "\n  standard login        \($0), answers go to \($0)/callback" } ?? ""
    }
}

extension SignatureAlgorithm: ExpressibleByArgument {
    package init?(argument: String) { self.init(name: UntrustedText(argument)) }
}
