import ArgumentParser
import Gateway

struct SnippetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snippet", abstract: "Prints a complete proxy configuration for this gateway.",
        discussion: """
            HAProxy and Traefik need two files each, and both are printed. --part prints one of them: `configuration` or \
            `script`, `static` or `dynamic`.
            """)

    @Argument(help: "nginx, caddy, traefik, envoy or haproxy.")
    var proxy: ProxyKind

    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "The app's address: host:port or unix:/path.")
    var app = "127.0.0.1:3000"

    @Option(help: "The gateway's address for the proxy; by default its `listen` setting.")
    var gateway: String?

    @Option(help: "The certificate, PEM (for HAProxy with its key). Caddy fetches its own without it.")
    var certificate: String?

    @Option(help: "The certificate's key, PEM.")
    var certificateKey: String?

    @Option(help: "A free port on 127.0.0.1 for Traefik, which sends its decision requests through itself.")
    var innerPort: UInt16 = 4190

    @Option(help: "Print only this file.")
    var part: String?

    func run() throws {
        let configuration = try LoadedConfiguration.load(config)
        do throws(UnsupportedSite) {
            Terminal.say(try text(configuration), terminator: "")
        } catch {
            Terminal.fail("\(error)")
            throw Exit.failed
        }
    }

    func text(_ configuration: Configuration) throws(UnsupportedSite) -> String {
        let listening = gateway.map(ProxySite.Address.init) ?? .init(listening: configuration.listen)
        guard let listening else {
            throw UnsupportedSite(
                description: "--gateway must be host:port or unix:/path: `listen` has no address that a proxy can use")
        }
        guard let address = ProxySite.Address(app) else {
            throw UnsupportedSite(description: "--app must be host:port or unix:/path")
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
