import HTTP
import JOSE
import Locking
import SecretMemory

/// The issuer's key endpoint, without a network: it counts, answers what it is told, and waits where a test wants many
/// to meet one fetch.
final class KeyEndpoint: HTTPClient {
    private struct State {
        var answer: Result<HTTPClientResponse, HTTPClientError> = .failure(.cannotConnect)
        var asked = 0
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Locked(State())

    var asked: Int { state.withLock { $0.asked } }

    func answer(_ keys: [JSONObject], lifetime: Int = 600) {
        answer(text: String(decoding: SignJWS.keySet(keys).encoded, as: UTF8.self), lifetime: lifetime)
    }

    func answer(text: String, status: HTTPStatus = .ok, lifetime: Int = 600) {
        let response = HTTPClientResponse(
            status: status, headers: ["Cache-Control": "max-age=\(lifetime)"], body: SecretBytes(text))
        state.withLock { $0.answer = .success(response) }
    }

    func fail(_ error: HTTPClientError = .timedOut) { state.withLock { $0.answer = .failure(error) } }

    /// From now on no request is answered before `release`.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Answers the requests that wait. `holdingNext`: those that come later still wait.
    func release(holdingNext: Bool = false) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isHeld = holdingNext
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                state.asked += 1
                if state.isHeld { state.waiting.append(continuation) }
                return !state.isHeld
            }
            if goesOn { continuation.resume() }
        }
        return try state.withLock { $0.answer }.get()
    }
}
