import HTTP
import Locking
import SecretMemory
import TestSupport
import Untrusted

/// Answers 200 with what it saw, and remembers it.
final class RecordingHandler: HTTPHandler {
    private let targets = Locked<[String]>([])
    private let reasons = Locked<[MalformedRequest.Reason]>([])
    private let respond: @Sendable (HTTPRequest) -> HTTPAnswer

    init(
        _ respond: @escaping @Sendable (HTTPRequest) -> HTTPAnswer = { request in
            .now(HTTPResponse(.ok, text: "\(request.method.rawValue) \(request.body.count)"))
        }
    ) {
        self.respond = respond
    }

    var seenPaths: [String] { targets.withLock { $0 } }
    var refusals: [MalformedRequest.Reason] { reasons.withLock { $0 } }

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        let path = request.target.path.string
        targets.withLock { $0.append(path) }
        return respond(request)
    }

    func answer(unavailable reason: Unavailability) -> HTTPResponse {
        HTTPResponse(.serviceUnavailable, headers: ["X-Refused-By": "handler", "Retry-After": "1"], text: "\(reason)")
    }

    func answer(malformed request: MalformedRequest) -> HTTPResponse {
        reasons.withLock { $0.append(request.reason) }
        return HTTPResponse(request.status, headers: ["X-Refused-By": "handler"], text: request.reason.rawValue)
    }
}
