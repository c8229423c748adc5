import HTTP
import JOSE
import Locking
import MicroHTTPServer
import SecretMemory
import Untrusted

/// The partner's own server for calls about installations: it remembers what it was asked and answers what it is told.
struct PartnerHook: Sendable {
    struct Heard: Sendable {
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
        var heard: [Heard] = []
    }

    private struct Handler: HTTPHandler {
        let state: Locked<State>

        func answer(_ request: HTTPRequest) -> HTTPAnswer {
            let heard = Heard(
                method: request.method.rawValue, path: request.target.path.string, headers: request.headers,
                body: request.body.exposedText?.string ?? "")
            return .now(
                state.withLock { state in
                    state.heard.append(heard)
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
    var heard: [Heard] { state.withLock { $0.heard } }

    func answers(_ status: Int, _ body: String = "") {
        state.withLock { ($0.status, $0.body) = (HTTPStatus(rawValue: status), body) }
    }

    func stop() async { await server.drainAndStop(within: .zero) }
}
