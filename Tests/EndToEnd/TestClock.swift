import Locking
import TestSupport

@testable import Gateway
@testable import sso_gateway

/// The machine's clock, and a hand to put it forward, back or to a halt.
struct TestClock: Sendable {
    private let ahead = Locked<Int64>(0)
    private let stopped = Locked<Int64?>(nil)

    init() {}

    /// Stands still at `start`.
    init(from start: Int64) { stopped.withLock { $0 = start } }

    /// In seconds since 1970.
    var seconds: @Sendable () -> Int64 {
        { [ahead, stopped] in
            (stopped.withLock { $0 } ?? Clock.system.unixSeconds()) + ahead.withLock { $0 }
        }
    }

    var clock: Clock { Clock(unixSeconds: seconds, nanoseconds: Clock.system.nanoseconds) }

    /// From here on only `advance` changes the time.
    func stop() { stopped.withLock { $0 = Clock.system.unixSeconds() } }

    func advance(by seconds: Int64) { ahead.withLock { $0 += seconds } }
}
