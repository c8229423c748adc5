package import HTTP
import JOSE
package import SecretMemory
package import Untrusted

/// The marketplace's API for one base URL. It keeps no token and no state: both come with each call.
package struct MarketplaceAPI: Sendable {
    private let apiURL: String
    private let timeout: Duration
    private let maximumAnswer: Int
    private let client: any HTTPClient
    package let rules: LocalRules

    /// `apiURL` without a slash at its end: `https://api.vercel.com`. `timeout` is for all tries of a call together;
    /// `maximumAnswer` in bytes.
    package init(
        apiURL: String, timeout: Duration = .seconds(8), maximumAnswer: Int = 256 * 1024,
        rules: LocalRules = LocalRules(), client: any HTTPClient
    ) {
        self.apiURL = apiURL
        self.timeout = timeout
        self.maximumAnswer = maximumAnswer
        self.rules = rules
        self.client = client
    }

    /// Sends a call without checking it and returns the marketplace's answer, whatever its status: for a caller that forwards
    /// answers. A repeatable call is tried up to three times. After a retry, a 409 for an invoice may mean that the first
    /// try arrived. In a cancelled task a try that was written goes on, and no other begins.
    package func send(_ call: APICall, token: SecretBytes) async throws(HTTPClientError) -> HTTPClientResponse {
        var request = call.request(apiURL: apiURL, token: token, timeout: timeout)
        request.maximumResponseBody = maximumAnswer
        request.finishesOnceWritten = true
        return call.isRepeatable ? try await RetryingLookup(client).send(request) : try await client.send(request)
    }

    /// Checks a call, sends it, and reads the answer of its success.
    package func answer<Answer: FieldValue>(
        _ call: APICall, token: SecretBytes, now: ISOTime
    ) async throws(APIError) -> Answer {
        let response = try await success(call, token: token, now: now)
        let value: JSONValue
        do { value = try JSONValue.parse(response.body) } catch {
            throw .badAnswer(FieldError("", .notJSON(error.reason)))
        }
        do { return try Answer(value, at: .answer) } catch { throw .badAnswer(error) }
    }

    /// Checks a call and sends it. Of an answer of success nothing is read: the reference gives it no body.
    package func perform(_ call: APICall, token: SecretBytes, now: ISOTime) async throws(APIError) {
        _ = try await success(call, token: token, now: now)
    }

    private func success(
        _ call: APICall, token: SecretBytes, now: ISOTime
    ) async throws(APIError) -> HTTPClientResponse {
        do { try call.check(rules, now: now) } catch { throw .notSent(error) }
        let response: HTTPClientResponse
        do { response = try await send(call, token: token) } catch { throw .noAnswer(error) }
        if let error = APIError(response, of: call.operation) { throw error }
        return response
    }
}

extension APICall {
    /// The same for callers that report one kind of error.
    static func make(
        _ operation: APIOperation, _ parameters: [PathParameter: UntrustedText],
        query: QueryParameters = QueryParameters(), body: (any RequestBody)? = nil
    ) throws(APIError) -> APICall {
        do { return try APICall(operation, PathParameters(parameters), query: query, body: body) } catch {
            throw .notSent(error)
        }
    }
}
