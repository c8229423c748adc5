/// Answers requests. A server calls it on its event loop's thread, so it must not block.
package protocol HTTPHandler: Sendable {
    func answer(_ request: HTTPRequest) -> HTTPAnswer

    /// The response to a malformed request. The connection closes after it.
    func answer(malformed request: MalformedRequest) -> HTTPResponse

    /// The response to a request that the server itself gives up.
    func answer(unavailable reason: Unavailability) -> HTTPResponse

    /// The limit for the body of `request`, whose head was read. In bytes; nil for the server's own limit.
    func bodyLimit(for request: HTTPRequest) -> Int?

    /// Whether the handler accepts `request` although its method is not a known one.
    func takesAnyMethod(_ request: HTTPRequest) -> Bool
}

/// A response, ready or computed by a task. A decision is always ready, so it needs no task.
package enum HTTPAnswer: Sendable {
    case now(HTTPResponse)
    case later(@Sendable () async -> HTTPResponse)
}

/// Why a server gives up a request that it could read.
package enum Unavailability: Sendable {
    /// Too many requests are under way.
    case busy
    /// The server stops and cannot wait any longer.
    case stopping
    /// The client has closed its side of the connection.
    case abandoned
}

/// A request that the server itself refuses.
package struct MalformedRequest: Sendable {
    /// Why, in the order of the checks; the raw value is a stable name for logs and metrics.
    package enum Reason: String, Error, Sendable, CaseIterable {
        case method, version, spelling, target, headerName = "header_name", headerValue = "header_value", host
        case duplicateHeader = "duplicate_header", contentLength = "content_length"
        case transferEncoding = "transfer_encoding", headTooLarge = "head_too_large", bodyTooLarge = "body_too_large"
    }

    package let reason: Reason
    /// 400, or 413 for a body that is too large, or 501 for an unknown method.
    package let status: HTTPStatus
    package let peer: PeerAddress
    /// The target's part before any `?`, not decoded.
    package let rawPath: [UInt8]

    package init(reason: Reason, status: HTTPStatus, peer: PeerAddress, rawPath: [UInt8] = []) {
        self.reason = reason
        self.status = status
        self.peer = peer
        self.rawPath = rawPath
    }
}

extension HTTPHandler {
    package func bodyLimit(for request: HTTPRequest) -> Int? { nil }

    package func takesAnyMethod(_ request: HTTPRequest) -> Bool { false }

    package func answer(unavailable reason: Unavailability) -> HTTPResponse {
        guard reason == .busy else { return HTTPResponse(.serviceUnavailable) }
        return HTTPResponse(
            .serviceUnavailable,
            headers: ["Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "Retry-After": "1"],
            text: "Too many requests are under way. Try again in a second.\n")
    }

    package func answer(malformed request: MalformedRequest) -> HTTPResponse {
        HTTPResponse(
            request.status,
            headers: ["Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"],
            text: "This request was refused: \(request.reason.rawValue)\n")
    }
}
