import ArgumentParser
import CurlHTTPClient
import HTTP
import Marketplace
import MicroHTTPServer
import SecretMemory
import Untrusted

/// A broker's address and what a client shows there.
struct BrokerConnection: Sendable {
    /// Longer than the broker takes with all its tries.
    private static let timeout = Duration.seconds(40)
    /// The broker's own answers are at most 1 MiB.
    private static let maximumAnswer = 2 * 1024 * 1024

    /// For people and for the journal.
    let address: String
    private let baseURL: String
    private let token: SecretBytes?
    private let integration: String?
    private let client: CurlHTTPClient

    /// The broker that a configuration describes.
    init(_ listen: ListenAddress, token: SecretBytes?, integration: String?) throws {
        switch listen {
        case .unix(let path, _): try self.init(unix: path, token, integration)
        case .tcp(_, port: 0), .inherited:
            throw ValidationError("broker.listen has no fixed address: give --broker ADDRESS instead of --config.")
        case .tcp: try self.init(url: "http://\(listen)", token, integration)
        }
    }

    /// `address` as the option `--broker` takes it.
    init(address: String, token: SecretBytes?, integration: String?) throws {
        if address.hasPrefix("unix:/") {
            try self.init(unix: String(address.dropFirst("unix:".count)), token, integration)
            return
        }
        var url = address.contains("://") ? address : "http://\(address)"
        while url.hasSuffix("/") { url.removeLast() }
        guard token != nil else {
            throw ValidationError("Give --token-file: only on a Unix socket does the broker know a client by its user.")
        }
        try self.init(url: url, token, integration)
    }

    private init(unix path: String, _ token: SecretBytes?, _ integration: String?) throws {
        address = "unix:\(path)".visible
        baseURL = "http://localhost"
        self.token = token
        self.integration = integration
        client = try CurlHTTPClient(ClientSettings(unixSocket: path))
    }

    private init(url: String, _ token: SecretBytes?, _ integration: String?) throws {
        address = ShownValue.withoutCredentials(url).visible
        baseURL = url
        self.token = token
        self.integration = integration
        client = try CurlHTTPClient(ClientSettings())
    }

    func send(_ call: APICall) async throws(HTTPClientError) -> CallAnswer {
        var request = call.request(apiURL: baseURL, token: .empty, timeout: Self.timeout)
        request.headers = ["Accept": "application/json"]
        if call.body != nil { request.headers.append("Content-Type", "application/json") }
        if let token { request.headers.append("Authorization", "Bearer " + (token.exposedText?.string ?? "")) }
        if let integration { request.headers.append("X-SSO-Integration", integration) }
        request.maximumResponseBody = Self.maximumAnswer
        return CallAnswer(try await client.send(request))
    }

    func stop() { client.stop() }
}
