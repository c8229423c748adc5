import Untrusted

/// A point in time as others write it (RFC 3339): `2026-11-21T10:43:20.123Z`.
enum Timestamp {
    /// In milliseconds since 1970; nil for whatever is not a date with its time and its zone. Leap seconds and a zone that is
    /// not known are accepted: the time only says which of two messages is older.
    static func milliseconds(_ text: UntrustedText) -> Int64? {
        DateTimeText(text).map { $0.seconds * 1000 + $0.nanoseconds / 1_000_000 }
    }
}
