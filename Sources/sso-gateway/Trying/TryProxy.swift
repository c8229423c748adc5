import Gateway
import HTTP
import SecretMemory
import Untrusted

/// The proxy of `try`, in this process. It forwards the gateway's addresses to the gateway. For any other request it sends
/// a decision request first, and forwards an allowed one to the app with the identity headers.
struct TryProxy: HTTPHandler {
    let gateway: Gateway
    let app: SampleApp
    /// `localhost:4180`
    let authority: String

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        // Not the decision endpoints: a proxy does not expose those.
        let path = request.target.path
        if path.hasPrefix("/sso/") || path.hasPrefix("/.well-known/") || path.hasPrefix("/v1/") {
            return gateway.answer(request)
        }
        switch gateway.answer(decisionRequest(for: request)) {
        case .now(let decision): return follow(decision, request)
        case .later(let work):
            return .later {
                switch follow(await work(), request) {
                case .now(let response): response
                case .later(let work): await work()
                }
            }
        }
    }

    private func follow(_ decision: HTTPResponse, _ request: HTTPRequest) -> HTTPAnswer {
        switch decision.status {
        case .ok where request.method == .post:
            return .later { await app.submit(request, identity: decision.headers) }
        case .ok: return .now(app.answer(request, identity: decision.headers))
        default:
            if let login = decision.headers["X-SSO-Login"] {
                return .now(HTTPResponse(.found, headers: ["Location": login, "Cache-Control": "no-store"]))
            }
            return decision.headers["X-SSO-Page"].map { page(at: $0, request) } ?? .now(decision)
        }
    }

    private func page(at path: String, _ request: HTTPRequest) -> HTTPAnswer {
        guard let target = try? RequestTarget(SecretBytes(path)) else { return .now(HTTPResponse(.notFound)) }
        return gateway.answer(
            HTTPRequest(
                method: .get, target: target, headers: request.headers, body: SecretBytes([]), peer: request.peer))
    }

    func answer(malformed request: MalformedRequest) -> HTTPResponse { gateway.answer(malformed: request) }

    private func decisionRequest(for request: HTTPRequest) -> HTTPRequest {
        var headers: HTTPHeaders = [
            "Host": authority, "X-Original-Method": request.method.rawValue, "X-Original-URI": original(request),
            "X-Forwarded-Host": authority, "X-Forwarded-Proto": "http",
        ]
        for name in ["Cookie", "Accept", "Sec-Fetch-Mode", "X-Requested-With"] {
            for value in request.headers.all(name) { headers.append(name, value) }
        }
        return HTTPRequest(
            method: .get, target: Self.decision, headers: headers, body: SecretBytes([]), peer: request.peer)
    }

    private func original(_ request: HTTPRequest) -> String {
        request.target.rawPath.string + (request.target.query.map { "?" + ($0.exposedText?.string ?? "") } ?? "")
    }

    private static let decision: RequestTarget = {
        guard let target = try? RequestTarget(SecretBytes("/authz/nginx")) else { preconditionFailure() }
        return target
    }()
}
