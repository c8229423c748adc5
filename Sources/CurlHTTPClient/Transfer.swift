import CCurl
import Glibc
import HTTP
import Locking
import SecretMemory

/// One exchange: its request, what was received so far, and the continuation of its caller.
///
/// `@unchecked Sendable`: `init` fills the constants. Only the loop's thread touches the variables; it gets the object
/// through the loop's inbox, under a lock.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPClientResponse, HTTPClientError>

    enum Phase {
        /// The loop has not started it yet.
        case new
        /// In the queue of its host's connection limit.
        case waiting(CheckedContinuation<Void, Never>)
        /// Admitted; the handle is nil until it begins.
        case running(EasyHandle?, CheckedContinuation<Void, Never>)
        case finished
    }

    enum ConnectionChoice {
        /// A kept connection or a new one.
        case any
        /// libcurl chose a kept connection that the server has closed. The request was not written on it, and the
        /// transfer has to start again on a new one.
        case freshNeeded
        case fresh
    }

    let method: HTTPMethod
    let url: RequestURL
    let headers: HeaderList
    /// libcurl sends from this buffer and makes no copy that would outlive it.
    let body: SecretBytes?
    let deadline: ContinuousClock.Instant
    let maximumResponseBody: Int
    /// Nil where the caller needs only the error.
    let errorText: ErrorText?
    private let failureDetail: FailureDetail?
    private let finishesOnceWritten: Bool

    /// The outcome, set before the caller is resumed. Under a lock and not in the continuation: Thread Sanitizer cannot
    /// see a continuation that is resumed before its task waits.
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
    /// Why one of our callbacks failed the transfer; libcurl only knows that a callback failed.
    private var refusal: (error: HTTPClientError, detail: String)?

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
        failureDetail = request.failureDetail
        errorText = failureDetail == nil ? nil : ErrorText()
        finishesOnceWritten = request.finishesOnceWritten
    }

    func resume(_ caller: CheckedContinuation<Void, Never>, with outcome: Outcome) {
        result.withLock { $0 = outcome }
        caller.resume()
    }

    /// Whether it ends when its task is cancelled.
    var isCancellable: Bool { !finishesOnceWritten || attempts == 0 }

    /// Whether libcurl has begun to connect it, and is not ready to write.
    var isConnecting: Bool { !openedSockets.isEmpty }

    /// RFC 9110 section 9.2.1. Only these may be written a second time.
    var isSafe: Bool {
        switch method {
        case .get, .head, .options: true
        case .post, .put, .patch, .delete, .other: false
        }
    }

    /// libcurl calls this when it has opened a socket, before it connects it.
    func noteOpened(_ socket: Int32) { openedSockets.append(socket) }

    /// libcurl calls this when it is connected, right before it writes the request.
    ///
    /// It calls again when a kept connection broke before the first byte of the response: it then writes the request once
    /// more on another connection, whatever the method. The server may have acted on the first copy, so all but safe
    /// requests end here.
    ///
    /// With a forward proxy, `connection` is the one to the proxy, and the tunnel through it is open. A plain request never
    /// goes through one, so the loopback check below is always about the target.
    func mayWrite(on connection: ConnectionAddresses) -> Bool {
        if url.isPlain, !isToUnixSocket, connection.remoteIP != "127.0.0.1",
            !(IPAddress(connection.remoteIP)?.isLoopback ?? false)
        {
            refusal = (.cannotConnect, "the name does not lead to a loopback address")
            return false
        }
        guard attempts == 0 || isSafe else {
            refusal = (.broken, "the connection ended after the request was written")
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
        case .notHTTP: refusal = (.broken, "the response is not HTTP")
        case .tooLarge: refusal = (.tooLarge, "the head of the response is too large")
        case .complete:
            guard hasBody, let length = head.contentLength else { return true }
            if length <= maximumResponseBody {
                received.reserve(length)
                return true
            }
            refusal = bodyTooLarge
        }
        return false
    }

    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if unsafe received.append(bytes) { return true }
        refusal = bodyTooLarge
        return false
    }

    private var bodyTooLarge: (HTTPClientError, String) {
        (.tooLarge, "the body of the response is larger than \(maximumResponseBody) bytes")
    }

    func outcome(of code: CURLcode) -> Outcome {
        if let refusal { return failure(refusal.error, refusal.detail) }
        guard code == CURLE_OK else {
            return failure(
                HTTPClientError(code, wasWritten: attempts > 0), errorText?.text(for: code, without: url) ?? "")
        }
        guard head.isComplete, let status = head.status else {
            return failure(.broken, "the connection ended before the response was complete")
        }
        return .success(HTTPClientResponse(status: status, headers: head.headers, body: received.secretBytes()))
    }

    func failure(_ error: HTTPClientError, _ detail: String) -> Outcome {
        failureDetail?.set(detail)
        return .failure(error)
    }

    /// RFC 9112 section 6.3.
    private var hasBody: Bool {
        method != .head && head.status != .noContent && head.status?.rawValue != 304
    }
}

extension HTTPClientError {
    /// `wasWritten` decides first: the same libcurl code (a time-out, a TLS alert) is harmless before the request and not
    /// after it. https://curl.se/libcurl/c/libcurl-errors.html
    init(_ code: CURLcode, wasWritten: Bool) {
        if wasWritten {
            switch code {
            case CURLE_OPERATION_TIMEDOUT: self = .timedOut
            // A header line of more than 100 KiB. The second is CURLE_TOO_LARGE, which libcurl has since 8.6.
            case CURLE_OUT_OF_MEMORY, CURLcode(rawValue: 100): self = .tooLarge
            default: self = .broken
            }
            return
        }
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: self = .urlRefused
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_USE_SSL_FAILED:
            self = .tlsRefused
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .cannotResolve
        default: self = .cannotConnect
        }
    }
}
