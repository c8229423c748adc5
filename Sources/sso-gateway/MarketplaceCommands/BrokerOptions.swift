import ArgumentParser
import CurlHTTPClient
import Gateway
import HTTP
import Marketplace
import MicroHTTPServer
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// How commands reach a gateway's broker, and as which of its clients.
struct BrokerOptions: ParsableArguments {
    @Option(
        help: .init(
            "The gateway's configuration file: the broker's address and its clients are taken from it.",
            valueName: "file"))
    var config: String?

    @Option(
        help: .init(
            "The broker's address instead: http://127.0.0.1:4182 or unix:/path.", valueName: "address"))
    var broker: String?

    @Option(help: .init("The client's name in the configuration, with --config.", valueName: "name"))
    var client: String?

    @Option(
        help: .init(
            "A file with the client's bearer token. A client that is known by its user needs none.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: .init("The integration's name, where several may have this installation.", valueName: "name"))
    var integration: String?

    /// A connection for these operations. What the configuration does not allow is refused without a call.
    func connect(for operations: [APIOperation]) throws -> BrokerConnection {
        let token = try readToken()
        if let config {
            guard broker == nil else { throw ValidationError("Give --config or --broker, not both.") }
            let configuration = try LoadedConfiguration.load(config)
            guard let settings = configuration.gateway.broker, let listen = configuration.brokerListen else {
                Terminal.fail("\(config) has no section `broker`.")
                throw Exit.badConfiguration
            }
            let needsToken = try check(settings, token, operations)
            if let integration, !configuration.gateway.integrations.contains(where: { $0.name == integration }) {
                let names = configuration.gateway.integrations.map(\.name).joined(separator: ", ")
                throw ValidationError("The configuration has no integration \(integration.visible); it has \(names).")
            }
            return try BrokerConnection(listen, token: needsToken ? token : nil, integration: integration)
        }
        guard let broker else {
            throw ValidationError("Where is the broker? Give --config FILE or --broker ADDRESS.")
        }
        guard client == nil else { throw ValidationError("--client needs --config.") }
        return try BrokerConnection(address: broker, token: token, integration: integration)
    }

    private func readToken() throws -> SecretBytes? {
        guard let tokenFile else { return nil }
        do {
            let token = try ReadFile.secret(tokenFile, from: .fileOrPipe)
            guard !token.isEmpty else { throw ReadFile.Failure(message: "\(tokenFile) is empty") }
            return token
        } catch {
            Terminal.fail("\(error)")
            throw Exit.failed
        }
    }

    /// Whether the client shows a token.
    private func check(_ settings: BrokerSettings, _ token: SecretBytes?, _ operations: [APIOperation]) throws -> Bool {
        let digest = token.map { SHA256.hash($0) }
        let found = settings.clients.first { candidate in
            if let client { return candidate.name == client }
            return digest.map { candidate.credential == .tokenDigest($0) } ?? false
        }
        guard let found else {
            let names = settings.clients.map(\.name).joined(separator: ", ")
            if let client { throw ValidationError("The broker has no client \(client.visible); it has \(names).") }
            guard digest != nil else { throw ValidationError("Which client? Give --token-file or --client: \(names).") }
            Terminal.fail("the token in \(tokenFile ?? "") is that of no client; there are \(names).")
            throw Exit.failed
        }
        if let missing = operations.first(where: { !found.operations.contains($0) }) {
            Terminal.fail(
                "the client \(found.name) may not call \(missing.name). Add it to broker.clients.\(found.name).operations and reload the gateway."
            )
            throw Exit.failed
        }
        guard case .tokenDigest(let known) = found.credential else { return false }
        guard let digest else { throw ValidationError("The client \(found.name) needs --token-file.") }
        guard digest == known else {
            Terminal.fail("the token in \(tokenFile ?? "") is not that of the client \(found.name).")
            throw Exit.failed
        }
        return true
    }
}
