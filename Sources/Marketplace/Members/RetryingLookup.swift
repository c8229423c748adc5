package import HTTP

/// Retries a safe request: at most three attempts within the request's time-out, with a growing random pause.
package struct RetryingLookup: Sendable {
    package static let attempts = 3

    private let client: any HTTPClient

    package init(_ client: any HTTPClient) { self.client = client }

    /// The first response that is neither 429 nor a server error, else the last outcome.
    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let clock = ContinuousClock()
        let deadline = clock.now + request.timeout
        var attempt = 1
        while true {
            var limited = request
            limited.timeout = max(deadline - clock.now, .milliseconds(1))
            let outcome = await once(limited)
            guard attempt < Self.attempts, let pause = Self.pause(after: outcome, attempt: attempt),
                clock.now + pause < deadline
            else { return try outcome.get() }
            do { try await Task.sleep(for: pause) } catch { throw .cancelled }
            attempt += 1
        }
    }

    private func once(_ request: HTTPClientRequest) async -> Result<HTTPClientResponse, HTTPClientError> {
        do { return .success(try await client.send(request)) } catch { return .failure(error) }
    }

    /// Nil where a retry would not help.
    static func pause(after outcome: Result<HTTPClientResponse, HTTPClientError>, attempt: Int) -> Duration? {
        var jittered: Duration { .milliseconds(100 * attempt + Int.random(in: 0...100)) }
        switch outcome {
        case .success(let response) where response.status == .tooManyRequests || response.status.rawValue >= 500:
            return max(retryAfter(response.headers) ?? .zero, jittered)
        case .failure(.cannotResolve), .failure(.cannotConnect), .failure(.broken): return jittered
        default: return nil
        }
    }

    /// In seconds (RFC 9110 section 10.2.3); a date counts as absent.
    private static func retryAfter(_ headers: HTTPHeaders) -> Duration? {
        headers["Retry-After"].flatMap { UInt16($0) }.map { .seconds(Int($0)) }
    }
}
