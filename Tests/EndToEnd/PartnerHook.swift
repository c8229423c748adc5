import HTTP
import JOSE
import Locking
import MicroHTTPServer
import SecretMemory
import Untrusted

/// The partner's own server for calls about installations. It records requests and sends the configured answers.
struct PartnerHook: Sendable {
    struct Received: Sendable {
        let method: String
        let path: String
        let headers: HTTPHeaders
        let body: String

        /// The assertion's claims, unchecked.
        var claims: JSONObject? {
            let parts = (headers["X-SSO-Assertion"] ?? "").split(separator: ".").map(String.init)
            guard parts.count == 3, let payload = Base64URL.decode(parts[1]) else { return nil }
            return try? JSONObject(parsing: payload)
        }
    }

    private struct State {
        var status = HTTPStatus.ok
        var body = "{}"
        var received: [Received] = []
    }

    private struct Handler: HTTPHandler {
        let state: Locked<State>

        func answer(_ request: HTTPRequest) -> HTTPAnswer {
            let received = Received(
                method: request.method.rawValue, path: request.target.path.string, headers: request.headers,
                body: request.body.exposedText?.string ?? "")
            return .now(
                state.withLock { state in
                    state.received.append(received)
                    return HTTPResponse(
                        state.status, headers: ["Content-Type": "application/json"], text: state.body)
                })
        }
    }

    private let state = Locked(State())
    private let server: MicroHTTPServer

    init() throws {
        server = try MicroHTTPServer.start(
            ServerSettings(listen: .tcp(host: "127.0.0.1", port: 0)), handler: Handler(state: state))
    }

    var url: String { "http://127.0.0.1:\(server.port)/hooks/installations" }
    var received: [Received] { state.withLock { $0.received } }

    func answers(_ status: Int, _ body: String = "") {
        state.withLock { ($0.status, $0.body) = (HTTPStatus(rawValue: status), body) }
    }

    func stop() async { await server.drainAndStop(within: .zero) }
}
