import Gateway
import HTTP
import SecretMemory
import Untrusted

/// What nginx does in front of a real gateway, in this process: the gateway's own addresses go to the gateway, every
/// other request is decided first and reaches the app only with the identity that the gateway gives.
struct TryFront: HTTPHandler {
    let gateway: Gateway
    let app: SampleApp
    /// `localhost:4180`
    let authority: String

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        // The decision endpoints are for the front alone, as behind a proxy.
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
        case .unauthorized:
            guard let login = decision.headers["X-SSO-Login"] else { return .now(decision) }
            return .now(HTTPResponse(.found, headers: ["Location": login, "Cache-Control": "no-store"]))
        case .forbidden: return .now(app.forbidden())
        default: return .now(decision)
        }
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
