import CurlHTTPClient
import HTTP
import JOSE
import Marketplace
import SecretMemory

/// Reads the key set of `verify-token` from a file or from an address.
struct ReadKeySet {
    private let place: String
    private let algorithms: Set<SignatureAlgorithm>
    private let caFile: String?

    init(_ place: String, algorithms: Set<SignatureAlgorithm>, caFile: String?) {
        self.place = place
        self.algorithms = algorithms
        self.caFile = caFile
    }

    func read() async throws(TokenVerdict) -> JWKSet {
        place.hasPrefix("https://") || place.hasPrefix("http://") ? try await fetched() : try file()
    }

    private func file() throws(TokenVerdict) -> JWKSet {
        let content: SecretBytes
        do { content = try ReadFile.bytes(place) } catch {
            throw .refused(
                "key_set_unreadable", "The key set was not read: \(ShownValue.withoutCredentials(error.message)).",
                lookAt: "The option --jwks.")
        }
        do { return try JWKSet(parsing: content) } catch {
            throw .refused(error.reason, "\(error)", lookAt: "\(ShownValue.withoutCredentials(place)).")
        }
    }

    private func fetched() async throws(TokenVerdict) -> JWKSet {
        let client: CurlHTTPClient
        do {
            client = try CurlHTTPClient(ClientSettings(caFile: caFile, userAgent: "sso-gateway/\(Versions.gateway)"))
        } catch {
            throw .refused("key_set_unavailable", "No client for the key set: \(error).", lookAt: "ca_file.")
        }
        defer { client.stop() }
        let keys = KeySetCache(url: place, client: client, algorithms: algorithms)
        do { return try await keys.current(for: .exchange, now: 0) } catch {
            throw Self.verdict(error, place)
        }
    }

    private static func verdict(_ failure: KeySetCache.Unavailable, _ url: String) -> TokenVerdict {
        let why = failure.explanation
        return .refused(
            "key_set_unavailable", "The key set could not be fetched: \(why.last == "." ? why : why + ".")",
            lookAt: "`curl -i \(ShownValue.withoutCredentials(url))` from this machine.")
    }
}

extension HTTPClientError {
    /// For people.
    var explanation: String {
        switch self {
        case .urlRefused: "the address is neither https:// nor http:// to loopback"
        case .cannotResolve: "the name of the server does not resolve"
        case .cannotConnect: "no connection could be made"
        case .tlsRefused: "the certificate was refused, or TLS failed"
        case .timedOut: "there was no answer in time"
        case .tooLarge: "the answer is too large"
        case .headerRefused, .stopped, .broken, .cancelled: "the connection broke"
        }
    }
}

extension KeySetCache.Unavailable {
    /// For people.
    var explanation: String {
        switch self {
        case .client(let error): error.explanation
        case .status(let status): "the answer's status is \(status)"
        case .unusable(let refusal): "the answer is not a usable key set. \(refusal)"
        case .noUsableKey: "the set has no usable key"
        case .heldBack: "the previous attempt failed a moment ago"
        }
    }
}
