import CMicroHTTPD
import Glibc
import HTTP
import Locking

/// Calls from other threads: answers of tasks, and the stop.
extension EventLoop {
    /// From any thread: the answer to a suspended request. Has no effect after the loop's end.
    func finish(_ request: RequestHandle, with response: HTTPResponse) {
        let isFirst = inbox.withLock { inbox in
            guard !inbox.hasEnded else { return false }
            inbox.finished.append((request, response))
            return inbox.finished.count == 1
        }
        if isFirst { wake() }
    }

    /// On the loop's thread: resumes the connection with its answer, unless the request was dropped meanwhile.
    func answer(_ record: ConnectionRecord, with response: HTTPResponse) {
        guard let entry = unsafe suspended.removeValue(forKey: ObjectIdentifier(record)) else { return }
        record.response = response
        unsafe MHD_resume_connection(entry.connection)
    }

    private func wake() {
        var one: UInt64 = 1
        _ = unsafe write(wakeup, &one, 8)
    }

    /// From any thread: returns at the loop's next wake-up, or after its end.
    func awaitWakeup() async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if !inbox.hasEnded { inbox.watching.append(continuation) }
                return inbox.hasEnded
            }
            if hasEnded { continuation.resume() } else { wake() }
        }
    }

    /// From any thread: stops at once, without a report of the end.
    func stopSoon() {
        inbox.withLock { $0.drainUntil = 0 }
        wake()
    }

    /// From any thread: accepts no new connection, finishes open requests, and stops at `deadline` (monotonic nanoseconds)
    /// at the latest. Returns when the loop's thread has ended.
    func drain(until deadline: UInt64) async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if inbox.hasEnded { return true }
                inbox.drainUntil = min(inbox.drainUntil ?? .max, deadline)
                inbox.waiting.append(continuation)
                return false
            }
            if hasEnded { continuation.resume() } else { wake() }
        }
    }
}

/// Draining, on the loop's thread.
extension EventLoop {
    /// Open connections get this time for a request that is already on its way: an answer with `Connection: close` is better
    /// than a reset. In nanoseconds.
    private static let grace: UInt64 = 500_000_000

    /// Stops listening when no connection is pending. Then returns whether every request was answered.
    func isDrained(_ daemon: Daemon, until deadline: UInt64) -> Bool {
        guard let began = drainBegan else {
            drainBegan = now
            return false
        }
        guard let closed = listenerClosed else {
            // These clients are connected already, by the kernel. A run accepts about ten of them.
            if daemon.hasPendingConnections, now < min(began + Self.grace, deadline) { return false }
            daemon.stopListening()
            listenerClosed = now
            return false
        }
        if now >= deadline {
            // A daemon with suspended connections must not stop, so they get an answer first.
            let late = unsafe suspended.values.map { unsafe $0.record }
            for record in late { answer(record, with: handler.answer(unavailable: .stopping)) }
            return late.isEmpty
        }
        let isInGrace = !connections.isEmpty && now < closed + Self.grace
        return openRequests == 0 && !isInGrace
    }
}
