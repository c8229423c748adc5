import Gateway
import Locking

/// Runs reloads one at a time, whether a signal or the admin listener requests them.
final class Reloader: Sendable {
    private struct State {
        var work: (@Sendable () async -> ReloadOutcome)?
        var last: Task<ReloadOutcome, Never>?
    }

    private let state = Locked(State())

    func set(_ work: @escaping @Sendable () async -> ReloadOutcome) { state.withLock { $0.work = work } }

    /// Nil before `set`: a gateway without a file has nothing to reload.
    @Sendable func reload() async -> ReloadOutcome? {
        let task = state.withLock { state -> Task<ReloadOutcome, Never>? in
            guard let work = state.work else { return nil }
            let before = state.last
            let task = Task {
                _ = await before?.value
                return await work()
            }
            state.last = task
            return task
        }
        return await task?.value
    }
}
