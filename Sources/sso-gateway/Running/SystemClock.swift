import Gateway
import Glibc

extension Clock {
    /// The machine's clocks.
    static let system = Clock(
        unixSeconds: { Int64(read(CLOCK_REALTIME).tv_sec) },
        nanoseconds: {
            let time = read(CLOCK_MONOTONIC)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        })

    /// Milliseconds since 1970, for log lines.
    static var systemMilliseconds: Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Seconds since the machine's start, from which proc(5) counts.
    static var secondsSinceBoot: Double {
        let time = read(CLOCK_BOOTTIME)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return time
    }
}
