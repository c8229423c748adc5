package import SecretMemory

/// Sends requests to other servers. Every implementation checks certificates and follows no redirects.
package protocol HTTPClient: Sendable {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse
}

package struct HTTPClientRequest: Sendable {
    package var method: HTTPMethod
    /// `https://…`, or `http://` with a loopback host.
    package var url: String
    package var headers: HTTPHeaders
    package var body: SecretBytes?
    /// Time for the whole exchange, connecting included.
    package var timeout: Duration
    /// A longer response fails with `.tooLarge`. In bytes.
    package var maximumResponseBody: Int
    /// Where the client writes why there is no response; nil where the caller needs only the error.
    package var failureDetail: FailureDetail?
    /// Whether a request that was written goes on until its end or its time-out although its task is cancelled. The receiver works
    /// on it all the same, so its caller may have to count it.
    package var finishesOnceWritten = false

    package init(
        _ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: SecretBytes? = nil,
        timeout: Duration, maximumResponseBody: Int = 256 * 1024
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maximumResponseBody = maximumResponseBody
    }
}

package struct HTTPClientResponse: Sendable {
    package let status: HTTPStatus
    package let headers: HTTPHeaders
    package let body: SecretBytes

    package init(status: HTTPStatus, headers: HTTPHeaders, body: SecretBytes) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why there is no response. After the first five the request was never written, so a retry is harmless.
package enum HTTPClientError: Error, Sendable, Equatable {
    /// Not an absolute `https://` URL, nor `http://` to loopback.
    case urlRefused
    /// A header's name or value that cannot be sent unchanged, or a header that the client sets (`Host`, framing).
    case headerRefused
    /// The name of the server, or of the forward proxy, does not resolve.
    case cannotResolve
    /// The connection was refused, or connecting took too long, a slow name server included.
    case cannotConnect
    /// The certificate or its name is not valid, or TLS itself failed.
    case tlsRefused
    /// The client stops or has stopped: the server may have acted on an open request.
    case stopped
    /// Connected, but no complete response in time: the server may have acted on the request.
    case timedOut
    /// Larger than the caller's limit.
    case tooLarge
    /// The connection broke, or the response is not HTTP: the server may have acted on the request.
    case broken
    /// The calling task was cancelled.
    case cancelled

    /// A stable word for logs and metrics.
    package var reason: String {
        switch self {
        case .urlRefused: "url"
        case .headerRefused: "header"
        case .cannotResolve: "name"
        case .cannotConnect: "connect"
        case .tlsRefused: "tls"
        case .stopped: "stopped"
        case .timedOut: "timed_out"
        case .tooLarge: "too_large"
        case .broken: "broken"
        case .cancelled: "cancelled"
        }
    }

    package static let reasons = [
        "url", "header", "name", "connect", "tls", "stopped", "timed_out", "too_large", "broken", "cancelled",
    ]

    package var requestWasNeverWritten: Bool {
        switch self {
        case .urlRefused, .headerRefused, .cannotResolve, .cannotConnect, .tlsRefused: true
        case .stopped, .timedOut, .tooLarge, .broken, .cancelled: false
        }
    }
}
