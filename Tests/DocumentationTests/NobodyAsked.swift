import HTTP
import Testing

/// For rooms that are only looked at: whoever asks through it fails the test.
struct NobodyAsked: HTTPClient {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        Issue.record("somebody asked \(request.url)")
        throw .stopped
    }
}
