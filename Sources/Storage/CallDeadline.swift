import Gateway
import Glibc

/// The deadline of one call of a store, for its wait for other calls and for another process's lock. With a time limit for each
/// statement instead, ten calls at a locked file would wait ten times as long.
struct CallDeadline: Sendable {
    /// The call whose statement runs on this thread: SQLite gives a busy handler no context.
    @TaskLocal private static var current: CallDeadline?

    private let start: ContinuousClock.Instant
    let end: ContinuousClock.Instant

    /// `patience`, or the request's own rest if that is shorter.
    init(_ patience: Duration) {
        start = .now
        end = start + min(patience, StorePatience.current?.remaining ?? patience)
    }

    init(until end: ContinuousClock.Instant) {
        start = .now
        self.end = end
    }

    /// Subtracts the call's time from the request's rest.
    func spend() { StorePatience.current?.spend(.now - start) }

    /// Runs `body` on a connection; throws after the deadline.
    func hold<Result>(_ body: () throws -> Result) throws -> Result {
        guard .now < end else { throw StoreError.unavailable("it was busy for too long") }
        return try Self.$current.withValue(self, operation: body)
    }

    /// SQLite's busy handler (<https://www.sqlite.org/c3ref/busy_handler.html>): sleeps, and says whether to try again.
    /// `patience` is for statements of no call, which open a connection.
    static func mayWait(tries: Int, patience: Duration) -> Bool {
        guard let current else {
            usleep(10_000)
            return tries < Int(patience / .milliseconds(10))
        }
        guard .now < current.end else { return false }
        usleep(useconds_t(min(1 + tries, 10) * 1000))
        return true
    }
}
