import CurlHTTPClient
import HTTP
import JOSE
import Locking
import MicroHTTPServer
import OpenSSLCrypto
import TestSupport

@testable import ProviderStandIn

/// The marketplace's double on a port of its own, with a recorder in front: every code, state and id_token that it hands
/// out is kept, so that a test can look for them where they must not be.
struct StandInServer: Sendable {
    struct Secrets: Sendable {
        var codes: [String] = []
        var states: [String] = []
        var tokens: [String] = []
    }

    /// Every stand-in's, one list for each algorithm: making three RSA keys takes half a second.
    private static let keys = Locked<[SignatureAlgorithm: [StandInState.SigningKey]]>([:])

    private static func keys(for algorithm: SignatureAlgorithm) -> [StandInState.SigningKey] {
        keys.withLock { known in
            if let keys = known[algorithm] { return keys }
            let keys = (0..<3).map { _ in ProviderStandIn.makeKey({ SecureRandom.bytes($0) }, algorithm) }
            known[algorithm] = keys
            return keys
        }
    }

    let standIn: ProviderStandIn
    let server: MicroHTTPServer
    let settings: StandInSettings
    private let received: Locked<Secrets>
    /// Where the partner's public address really is.
    let partner = Locked("")
    private let client: CurlHTTPClient
    private let host: String

    /// `host`: a numeric address. `port`: 0 for a free one.
    init(
        _ settings: StandInSettings, clock: TestClock = TestClock(), host: String = "127.0.0.1", port: UInt16 = 0
    ) throws {
        self.host = host.contains(":") ? "[\(host)]" : host
        self.settings = settings
        client = try CurlHTTPClient(ClientSettings())
        let keys = Self.keys(for: settings.algorithm)
        standIn = ProviderStandIn(
            settings: settings, now: clock.seconds, random: { SecureRandom.bytes($0) }, keys: Array(keys[..<2]),
            retired: keys[2], client: PartnerClient(inner: client, partner: partner))
        let received = Locked(Secrets())
        self.received = received
        server = try MicroHTTPServer.start(
            ServerSettings(listen: .tcp(host: host, port: port)),
            handler: Recorder(inner: standIn, received: received))
    }

    var url: String { "http://\(host):\(server.port)" }
    var secrets: Secrets { received.withLock { $0 } }
    var counters: StandInState.Counters { standIn.state.withLock { $0.counters } }

    func fail(_ fault: StandInFault, times: Int? = nil) {
        standIn.state.withLock { state in
            state.fault = fault
            state.faultTimes = times
        }
    }

    /// A member's click, without the way over the dashboard: the query that the marketplace would send the browser
    /// to the callback with.
    func click(_ user: String? = nil, integration slug: String = "acme") -> String {
        guard let integration = settings.integrations.first(where: { $0.slug == slug }),
            let (code, state) = standIn.mint(integration, nil, user: user)
        else { preconditionFailure("the test's own integration and member") }
        received.withLock { received in
            received.codes.append(code)
            received.states.append(state)
        }
        return "mode=sso&code=\(code)&state=\(state)"
    }

    func stop() async {
        await server.drainAndStop(within: .zero)
        client.stop()
    }

    private struct PartnerClient: HTTPClient {
        let inner: CurlHTTPClient
        let partner: Locked<String>

        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
            var request = request
            request.url = request.url.replacing(LoginWorld.origin, with: partner.withLock { $0 })
            return try await inner.send(request)
        }
    }

    private struct Recorder: HTTPHandler {
        let inner: ProviderStandIn
        let received: Locked<Secrets>

        func answer(_ request: HTTPRequest) -> HTTPAnswer {
            switch inner.answer(request) {
            case .now(let response):
                listen(request, response)
                return .now(response)
            case .later(let work):
                return .later {
                    let response = await work()
                    listen(request, response)
                    return response
                }
            }
        }

        private func listen(_ request: HTTPRequest, _ response: HTTPResponse) {
            let location = response.headers["Location"] ?? ""
            let body = String(decoding: response.body, as: UTF8.self)
            received.withLock { received in
                for pair in location.split(whereSeparator: { "?&".contains($0) }) {
                    if pair.hasPrefix("code=") { received.codes.append(String(pair.dropFirst(5))) }
                    if pair.hasPrefix("state=") { received.states.append(String(pair.dropFirst(6))) }
                }
                if let start = body.firstRange(of: #""id_token":""#)?.upperBound {
                    received.tokens.append(String(body[start...].prefix { $0 != "\"" }))
                }
            }
        }
    }
}
