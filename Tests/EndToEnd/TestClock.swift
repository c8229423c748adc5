import Locking
import TestSupport

@testable import Gateway
@testable import sso_gateway

/// The machine's clock, and a hand to put it forward.
struct TestClock: Sendable {
    private let ahead = Locked<Int64>(0)

    /// In seconds since 1970.
    var seconds: @Sendable () -> Int64 {
        { [ahead] in Clock.system.unixSeconds() + ahead.withLock { $0 } }
    }

    var clock: Clock { Clock(unixSeconds: seconds, nanoseconds: Clock.system.nanoseconds) }

    func advance(by seconds: Int64) { ahead.withLock { $0 += seconds } }
}
