import CCurl
import Glibc
import HTTP
import Locking
import SecretMemory

/// One exchange: what it asks, what has come so far, and who waits for it.
///
/// `@unchecked Sendable`: `init` fills the constants; everything that varies is touched on the loop's thread alone, to
/// which the loop's inbox hands the object over under its lock.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPClientResponse, HTTPClientError>

    enum Phase {
        /// Not yet at the loop, or at it for the first time.
        case new
        /// For one of its host's connections.
        case waiting(CheckedContinuation<Void, Never>)
        /// Without a handle while it gets one.
        case running(EasyHandle?, CheckedContinuation<Void, Never>)
        case finished
    }

    enum ConnectionChoice {
        /// A kept connection or a new one.
        case any
        /// libcurl chose a kept connection that the server has ended. The request was not written on it, and the
        /// transfer has to start again on a new one.
        case freshNeeded
        case fresh
    }

    let method: HTTPMethod
    let url: RequestURL
    let headers: HeaderList
    /// Lent to libcurl, which sends from here without a copy of its own to outlive us.
    let body: SecretBytes?
    let deadline: ContinuousClock.Instant
    let maximumResponseBody: Int

    /// How it went, once whoever waits has been woken. Left here under a lock and not carried by the continuation,
    /// because Thread Sanitizer cannot see a continuation that is resumed before its task waits.
    let result = Locked<Outcome>(.failure(.stopped))

    var phase: Phase = .new
    var connectionChoice: ConnectionChoice
    private let isToUnixSocket: Bool
    private let connections: KeptConnections
    /// The sockets that libcurl has opened for this transfer since the last time it wrote.
    private var openedSockets: [Int32] = []
    private var head = ResponseHead()
    private var received: ResponseBody
    /// How often libcurl was about to write the request. Zero proves that nothing was written.
    private(set) var attempts = 0
    /// What one of our own callbacks objected to; libcurl itself then only knows that a callback failed.
    private var objection: HTTPClientError?

    init(_ request: HTTPClientRequest, _ settings: ClientSettings, connections: KeptConnections)
        throws(HTTPClientError)
    {
        self.connections = connections
        isToUnixSocket = settings.unixSocket != nil
        // `KeptConnections` knows TCP connections only.
        connectionChoice = isToUnixSocket ? .fresh : .any
        method = request.method
        url = try RequestURL(request.url)
        headers = try HeaderList(request.headers, userAgent: settings.userAgent)
        body = request.body
        deadline = .now + request.timeout
        maximumResponseBody = max(0, request.maximumResponseBody)
        received = ResponseBody(maximum: maximumResponseBody)
    }

    func wake(_ waiting: CheckedContinuation<Void, Never>, with outcome: Outcome) {
        result.withLock { $0 = outcome }
        waiting.resume()
    }

    /// RFC 9110 section 9.2.1. Only these may be written a second time.
    var isSafe: Bool {
        switch method {
        case .get, .head, .options: true
        case .post, .put, .patch, .delete, .other: false
        }
    }

    /// libcurl calls this when it has opened a socket, before it connects it.
    func noteOpened(_ socket: Int32) { openedSockets.append(socket) }

    /// libcurl calls this when a connection stands, right before it writes the request.
    ///
    /// It calls again when a kept connection broke without a byte of answer: it then writes the request once more on
    /// another connection, whatever the method. The server may have acted on the first copy, so all but safe
    /// requests end here.
    func mayWrite(on connection: ConnectionAddresses) -> Bool {
        if url.isPlain, !isToUnixSocket, connection.remoteIP != "127.0.0.1",
            !(IPAddress(connection.remoteIP)?.isLoopback ?? false)
        {
            objection = .cannotConnect
            return false
        }
        guard attempts == 0 || isSafe else {
            objection = .broken
            return false
        }
        guard isUsable(connection) else { return false }
        attempts += 1
        head.reset()
        return true
    }

    private func isUsable(_ connection: ConnectionAddresses) -> Bool {
        let isOpen = connections.isOpen(connection, opened: openedSockets)
        openedSockets = []
        if isOpen || connectionChoice == .fresh { return true }
        connectionChoice = .freshNeeded
        return false
    }

    func takeHeadLine(_ line: UnsafeRawBufferPointer) -> Bool {
        switch unsafe head.take(line.assumingMemoryBound(to: UInt8.self).span) {
        case .more: return true
        case .notHTTP: objection = .broken
        case .tooLarge: objection = .tooLarge
        case .complete:
            guard hasBody, let length = head.contentLength else { return true }
            if length <= maximumResponseBody {
                received.reserve(length)
                return true
            }
            objection = .tooLarge
        }
        return false
    }

    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if unsafe received.append(bytes) { return true }
        objection = .tooLarge
        return false
    }

    func outcome(of code: CURLcode) -> Outcome {
        if let objection { return .failure(objection) }
        guard code == CURLE_OK else { return .failure(HTTPClientError(code, wasWritten: attempts > 0)) }
        guard head.isComplete, let status = head.status else { return .failure(.broken) }
        return .success(HTTPClientResponse(status: status, headers: head.headers, body: received.secretBytes()))
    }

    /// RFC 9112 section 6.3.
    private var hasBody: Bool {
        method != .head && head.status != .noContent && head.status?.rawValue != 304
    }
}
