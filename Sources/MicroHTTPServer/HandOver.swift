import CMicroHTTPD
import Glibc
import HTTP
import Locking

/// What crosses threads: answers that tasks finish, and the word to stop.
extension EventLoop {
    /// From any thread: the answer to a suspended request is there. After the loop's end nobody is left to hear it.
    func finish(_ request: RequestHandle, with response: HTTPResponse) {
        let isFirst = inbox.withLock { inbox in
            guard !inbox.hasEnded else { return false }
            inbox.finished.append((request, response))
            return inbox.finished.count == 1
        }
        if isFirst { wake() }
    }

    /// On the loop's thread: lets libmicrohttpd ask for the answer, unless the request was given up meanwhile.
    func answer(_ record: ConnectionRecord, with response: HTTPResponse) {
        guard let entry = unsafe suspended.removeValue(forKey: ObjectIdentifier(record)) else { return }
        record.response = response
        unsafe MHD_resume_connection(entry.connection)
    }

    private func wake() {
        var one: UInt64 = 1
        _ = unsafe write(wakeup, &one, 8)
    }

    /// From any thread: stop without waiting for anybody, and without telling when.
    func stopSoon() {
        inbox.withLock { $0.drainUntil = 0 }
        wake()
    }

    /// From any thread: take nothing new, finish what is under way, end by `deadline` (monotonic nanoseconds) at the
    /// latest. Returns when the loop's thread has ended.
    func drain(until deadline: UInt64) async {
        await withCheckedContinuation { continuation in
            let isOver = inbox.withLock { inbox in
                if inbox.hasEnded { return true }
                inbox.drainUntil = min(inbox.drainUntil ?? .max, deadline)
                inbox.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() } else { wake() }
        }
    }
}

/// Draining, on the loop's thread.
extension EventLoop {
    /// Whoever is connected gets this moment: a request may be on the wire, on a new connection as on a kept one, and
    /// an answer that says `Connection: close` is a kinder end than a reset. In nanoseconds.
    private static let grace: UInt64 = 500_000_000

    /// Stops listening when nobody waits; then says whether everybody has been answered.
    func isDrained(_ daemon: Daemon, until deadline: UInt64) -> Bool {
        guard let began = drainBegan else {
            drainBegan = now
            return false
        }
        guard let closed = listenerClosed else {
            // The kernel has told these clients that they are connected. A run accepts about ten of them.
            if daemon.hasWaitingConnections, now < min(began + Self.grace, deadline) { return false }
            daemon.stopListening()
            listenerClosed = now
            return false
        }
        if now >= deadline {
            // A daemon with suspended connections must not stop, so whoever still waits is told.
            let late = unsafe suspended.values.map { unsafe $0.record }
            for record in late { answer(record, with: handler.answer(unavailable: .stopping)) }
            return late.isEmpty
        }
        let isPromised = !connections.isEmpty && now < closed + Self.grace
        return openRequests == 0 && !isPromised
    }
}
