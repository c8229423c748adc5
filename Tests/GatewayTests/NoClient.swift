import HTTP
import Testing

/// A decision asks nobody: this client fails the test that makes it ask.
struct NoClient: HTTPClient {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        Issue.record("a decision asked \(request.url)")
        throw .stopped
    }
}
