import Gateway
import Glibc

/// Until when one call of a store may wait: for its turn behind other calls and for another process's lock, both together.
/// With a time limit for each statement instead, ten calls behind a lock would wait ten times as long.
struct CallDeadline: Sendable {
    /// Of the call whose statement runs on this thread. SQLite calls a busy handler with no more than a number.
    @TaskLocal private static var current: CallDeadline?

    private let start: ContinuousClock.Instant
    private let end: ContinuousClock.Instant

    /// `patience`, or what the request has left of its own.
    init(_ patience: Duration) {
        start = .now
        end = start + min(patience, StorePatience.current?.remaining ?? patience)
    }

    /// Takes the time of the call, from its start until now, off what the request has left.
    func spend() { StorePatience.current?.spend(.now - start) }

    /// Runs `body` on a connection, unless the time is over already.
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
