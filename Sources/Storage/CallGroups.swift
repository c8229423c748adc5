import Gateway
import Locking

/// Runs its argument inside a transaction, and returns after the commit. It may wait for a lock until the given time.
typealias Transaction = (ContinuousClock.Instant, (any StoreConnection) throws -> Void) throws(StoreError) -> Void

/// Calls that take turns on one connection, in groups: while a group runs, the next one gathers, and each group is one
/// transaction. So under load many calls share a commit, and a single call waits for no timer.
final class CallGroups<Call: Sendable, Answer: Sendable>: Sendable {
    private struct Waiting: Sendable {
        let call: Call
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Result<Answer, StoreError>, Never>

        func resume(_ result: Result<Answer, StoreError>) { continuation.resume(returning: result) }
    }

    /// Bounds the length of a transaction.
    private static var largestGroup: Int { 64 }

    private let state = Locked((waiting: [Waiting](), isAwake: false, isClosed: false))
    private let perform: @Sendable ([Call], any StoreConnection) throws -> [Answer]

    /// `perform` answers each of the calls, in their order. After an error it is run again for each call alone, so it must
    /// have no effects outside of the connection.
    init(_ perform: @escaping @Sendable ([Call], any StoreConnection) throws -> [Answer]) { self.perform = perform }

    /// Waits for at most `patience` until the connection is free. `wake` makes a thread call `runNext`.
    func answer(to call: Call, patience: Duration, wake: () -> Void) async throws(StoreError) -> Answer {
        let deadline = CallDeadline(patience)
        defer { deadline.spend() }
        return try await withCheckedContinuation { continuation in
            let waiting = Waiting(call: call, deadline: deadline.end, continuation: continuation)
            let (isClosed, mustWake) = state.withLock { state in
                if state.isClosed { return (true, false) }
                state.waiting.append(waiting)
                defer { state.isAwake = true }
                return (false, !state.isAwake)
            }
            if isClosed { waiting.resume(.failure(.closed)) }
            if mustWake { wake() }
        }.get()
    }

    /// Whether a call waits; after false, the next call wakes a thread.
    func isWaiting() -> Bool { nextDeadline() != nil }

    /// Runs one group. False if no call waits; the next call then wakes a thread again.
    func runNext(in transaction: Transaction) -> Bool {
        guard let deadline = nextDeadline() else { return false }
        var group: [Waiting] = []
        var answers: [Answer] = []
        do throws(StoreError) {
            try transaction(deadline) { connection in
                // Taken late, so that calls that came during the wait for a lock take part.
                group = take()
                answers = try perform(group.map(\.call), connection)
            }
            for (waiting, answer) in zip(group, answers) { waiting.resume(.success(answer)) }
        } catch {
            switch error {
            case _ where group.isEmpty: fail(error, until: max(deadline, .now))
            case .unstorable, .unreadable: runAlone(group, transaction)
            // A group whose commit is in doubt is not repeated: a code would then look as if it had been used before.
            case .unavailable, .closed: for waiting in group { waiting.resume(.failure(error)) }
            }
        }
        return true
    }

    /// Fails the calls that may wait until `limit` or less.
    func fail(_ error: StoreError, until limit: ContinuousClock.Instant = .now) {
        fail(error) { $0.deadline <= limit }
    }

    func failAll(_ error: StoreError) { fail(error) { _ in true } }

    /// Fails the calls that wait, and all later ones.
    func close() {
        state.withLock { $0.isClosed = true }
        failAll(.closed)
    }

    private func fail(_ error: StoreError, _ isConcerned: (Waiting) -> Bool) {
        let failed = state.withLock { state in
            let failed = state.waiting.filter(isConcerned)
            state.waiting.removeAll(where: isConcerned)
            return failed
        }
        for waiting in failed { waiting.resume(.failure(error)) }
    }

    /// One call that cannot be answered must not fail the others of its group.
    private func runAlone(_ group: [Waiting], _ transaction: Transaction) {
        for waiting in group {
            var answers: [Answer] = []
            do throws(StoreError) {
                try transaction(waiting.deadline) { answers = try perform([waiting.call], $0) }
                waiting.resume(.success(answers[0]))
            } catch {
                waiting.resume(.failure(error))
            }
        }
    }

    /// The earliest; nil, and asleep, if no call waits.
    private func nextDeadline() -> ContinuousClock.Instant? {
        state.withLock { state in
            let deadline = state.waiting.lazy.map(\.deadline).min()
            state.isAwake = deadline != nil
            return deadline
        }
    }

    private func take() -> [Waiting] {
        state.withLock { state in
            defer { state.waiting.removeFirst(min(Self.largestGroup, state.waiting.count)) }
            return Array(state.waiting.prefix(Self.largestGroup))
        }
    }
}

/// A change of the store, as a step of a transaction.
typealias StoreWork = @Sendable (any StoreConnection) throws -> Void

extension CallGroups where Call == StoreWork, Answer == Void {
    static func inOrder() -> CallGroups {
        CallGroups { calls, connection in try calls.map { try $0(connection) } }
    }
}

extension CallGroups {
    /// What `body` returns, in the call that `call` makes of it. It may run more than once.
    func result<Result: Sendable>(
        of body: @escaping @Sendable (any StoreConnection) throws -> Result, as call: (@escaping StoreWork) -> Call,
        patience: Duration, wake: () -> Void
    ) async throws(StoreError) -> Result {
        let result = Locked<Result?>(nil)
        let work: StoreWork = { connection in
            let value = try body(connection)
            result.withLock { $0 = value }
        }
        _ = try await answer(to: call(work), patience: patience, wake: wake)
        guard let value = result.withLock({ $0 }) else { throw .unavailable("no result") }
        return value
    }
}
