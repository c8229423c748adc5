import Glibc

enum MonotonicClock {
    static func nanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The settings' times in nanoseconds of the monotonic clock.
struct Deadlines {
    let head, body, bodyPeriod, idle: UInt64

    init(_ settings: ServerSettings) {
        head = settings.headDeadline.nanoseconds
        body = settings.bodyDeadline.nanoseconds
        bodyPeriod = settings.bodyPeriod.nanoseconds
        idle = settings.idleTimeout.nanoseconds
    }
}

extension Duration {
    var nanoseconds: UInt64 {
        UInt64(clamping: components.seconds) * 1_000_000_000 + UInt64(clamping: components.attoseconds / 1_000_000_000)
    }
}
