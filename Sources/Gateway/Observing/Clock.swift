/// The two times the product needs, as parameters: the executable alone reads the machine's clocks.
package struct Clock: Sendable {
    /// Seconds since 1970, for everything that is written down or compared with others' clocks.
    package let unixSeconds: @Sendable () -> Int64
    /// Nanoseconds of a clock that never steps, for durations.
    package let nanoseconds: @Sendable () -> UInt64

    package init(unixSeconds: @escaping @Sendable () -> Int64, nanoseconds: @escaping @Sendable () -> UInt64) {
        self.unixSeconds = unixSeconds
        self.nanoseconds = nanoseconds
    }
}
