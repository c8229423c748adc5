/// A point in time in the marketplace's form (ISO 8601 as profiled by RFC 3339): `2026-11-21T10:43:20.123Z`.
package struct ISOTime: Sendable, Hashable {
    /// Since 1970, without leap seconds.
    package let seconds: Int64
    /// 0 to 999,999,999.
    package let nanoseconds: Int64

    /// Years 1970 to 9999.
    package static let range: Range<Int64> = 0..<253_402_300_800

    /// `seconds` since 1970, within `range`.
    package init(seconds: Int64, nanoseconds: Int64 = 0) {
        precondition(Self.range.contains(seconds) && (0..<1_000_000_000).contains(nanoseconds))
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Nil where the text is no date with time and zone, or lies outside `range`. A leap second is refused: the
    /// marketplace's clock has none. So is `-00:00`, which ISO 8601 does not have.
    package init?(_ text: UntrustedText) {
        guard let read = DateTimeText(text), !read.isLeapSecond, !read.hasUnknownZone, Self.range.contains(read.seconds)
        else { return nil }
        self.init(seconds: read.seconds, nanoseconds: read.nanoseconds)
    }

    /// In UTC, with milliseconds as in JavaScript; with nine digits where the time is finer.
    package var text: String {
        let time = UTCTime(unixSeconds: seconds)
        let fraction =
            nanoseconds % 1_000_000 == 0 ? Self.padded(nanoseconds / 1_000_000, 3) : Self.padded(nanoseconds, 9)
        return "\(time.date)T\(time.time).\(fraction)Z"
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

extension ISOTime: Comparable {
    package static func < (left: ISOTime, right: ISOTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

extension ISOTime: CustomStringConvertible {
    package var description: String { text }
}
