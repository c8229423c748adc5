import HTTP
import Locking

/// Forwards each request to the newest handler. A request under way stays with the handler that it began with.
final class ReplaceableHandler: HTTPHandler {
    private let newest: Locked<any HTTPHandler>

    init(_ handler: any HTTPHandler) { newest = Locked(handler) }

    func replace(with handler: any HTTPHandler) { newest.withLock { $0 = handler } }

    private var current: any HTTPHandler { newest.withLock { $0 } }

    func answer(_ request: HTTPRequest) -> HTTPAnswer { current.answer(request) }
    func answer(malformed request: MalformedRequest) -> HTTPResponse { current.answer(malformed: request) }
    func answer(unavailable reason: Unavailability) -> HTTPResponse { current.answer(unavailable: reason) }
    func bodyLimit(for request: HTTPRequest) -> Int? { current.bodyLimit(for: request) }
    func takesAnyMethod(_ request: HTTPRequest) -> Bool { current.takesAnyMethod(request) }
}
