import HTTP
import Testing

/// Fails a test whose decision sends a request.
struct NoClient: HTTPClient {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        Issue.record("a decision requested \(request.url)")
        throw .stopped
    }
}
