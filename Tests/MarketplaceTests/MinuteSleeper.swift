import Locking

/// Records how long a cache wants to sleep, and wakes it when a test says so.
final class MinuteSleeper: Sendable {
    private struct State {
        var requested: [Duration] = []
        var sleeping: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Locked(State())

    var count: Int { state.withLock { $0.requested.count } }

    @Sendable func sleep(_ duration: Duration) async throws {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.requested.append(duration)
                state.sleeping.append(continuation)
            }
        }
    }

    /// The first requested time, as soon as there is one.
    func next() async -> Duration {
        while true {
            if let first = state.withLock({ $0.requested.first }) { return first }
            await Task.yield()
        }
    }

    func wake() {
        let sleeping = state.withLock { state in
            defer { state.sleeping = [] }
            return state.sleeping
        }
        for continuation in sleeping { continuation.resume() }
    }

    deinit { wake() }
}
