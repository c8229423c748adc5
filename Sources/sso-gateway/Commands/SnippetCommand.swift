import ArgumentParser
import Gateway

struct SnippetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snippet", abstract: "Prints the whole working block of a proxy for this configuration.",
        discussion: """
            HAProxy and Traefik have two files each; both are printed, and --part prints one alone: `configuration` or \
            `script`, `static` or `dynamic`.
            """)

    @Argument(help: "nginx, caddy, traefik, envoy or haproxy.")
    var proxy: ProxyKind

    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "Where the app listens: host:port or unix:/path.")
    var app = "127.0.0.1:3000"

    @Option(help: "Where the proxy reaches the gateway; by default where it listens.")
    var gateway: String?

    @Option(help: "The certificate for proxies that fetch none themselves, PEM (for HAProxy with its key).")
    var certificate: String?

    @Option(help: "The certificate's key, PEM.")
    var certificateKey: String?

    @Option(help: "A free port on 127.0.0.1, for Traefik, which has to ask itself.")
    var innerPort: UInt16 = 4190

    @Option(help: "One file of several.")
    var part: String?

    func run() throws {
        let configuration = try LoadedConfiguration.load(config)
        do throws(UnsupportedSite) {
            Terminal.say(try text(configuration), terminator: "")
        } catch {
            Terminal.complain("sso-gateway: \(error)")
            throw Exit.failed
        }
    }

    func text(_ configuration: Configuration) throws(UnsupportedSite) -> String {
        let listening = gateway.map(ProxySite.Address.init) ?? .init(listening: configuration.listen)
        guard let listening else {
            throw UnsupportedSite(description: "--gateway has to be host:port or unix:/path; `listen` does not tell")
        }
        guard let address = ProxySite.Address(app) else {
            throw UnsupportedSite(description: "--app has to be host:port or unix:/path")
        }
        let site = try ProxySite(
            configuration.gateway, gateway: listening, app: address, certificate: certificate,
            certificateKey: certificateKey, innerPort: innerPort)
        let parts = try proxy.parts(for: site)
        if let part {
            guard let one = parts.first(where: { $0.name == part }) else {
                let names = parts.map(\.name).joined(separator: ", ")
                throw UnsupportedSite(description: "\(proxy.rawValue) has no part \(part), but \(names)")
            }
            return one.text
        }
        guard parts.count > 1 else { return parts[0].text }
        return parts.map { "\($0.comment) === \($0.file), alone with --part \($0.name) ===\n\n\($0.text)" }
            .joined(separator: "\n")
    }
}

extension ProxyKind: ExpressibleByArgument {}
