import HTTP
import Testing

/// A client for tests that send no request: every request is a failure of the test.
struct UnusedClient: HTTPClient {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        Issue.record("unexpected request to \(request.url)")
        throw .stopped
    }
}
