import HTTP
import Locking

/// Keeps the outcome of its last request, for messages.
final class WatchedClient: HTTPClient {
    struct Seen: Sendable {
        var status: Int?
        var headers: HTTPHeaders = [:]
        var failure: (error: HTTPClientError, detail: String)?
    }

    private let client: any HTTPClient
    private let seen = Locked(Seen())

    init(_ client: any HTTPClient) { self.client = client }

    var last: Seen { seen.withLock { $0 } }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let detail = FailureDetail()
        var request = request
        request.failureDetail = detail
        do {
            let response = try await client.send(request)
            seen.withLock { $0 = Seen(status: response.status.rawValue, headers: response.headers) }
            return response
        } catch {
            seen.withLock { $0 = Seen(failure: (error, detail.text)) }
            throw error
        }
    }
}
