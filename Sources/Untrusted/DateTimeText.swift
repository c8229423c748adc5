/// A date with time and zone in RFC 3339 form: `2026-11-21T10:43:20.123Z`. From the year 1970 on.
package struct DateTimeText: Sendable {
    /// Since 1970; a leap second counts as the first second of the next minute.
    package let seconds: Int64
    /// 0 to 999,999,999.
    package let nanoseconds: Int64
    package let isLeapSecond: Bool
    /// `-00:00`: the zone is not known (RFC 3339 section 4.3). ISO 8601 does not have it.
    package let hasUnknownZone: Bool

    /// Nil for every other text.
    package init?(_ text: UntrustedText) {
        var reader = Reader(rest: text.bytes[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            let nanoseconds = reader.fraction(), let zone = reader.zone(), reader.rest.isEmpty,
            year >= 1970, (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        let days = UTCTime.daysSince1970(year: year, month: month, day: day)
        seconds = ((days * 24 + hour) * 60 + minute - zone.minutes) * 60 + second
        self.nanoseconds = nanoseconds
        isLeapSecond = second == 60
        hasUnknownZone = zone.isUnknown
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ character: Character) -> Bool {
            guard let first = rest.first, first == character.asciiValue else { return false }
            rest.removeFirst()
            return true
        }

        mutating func number(_ digits: Int) -> Int64? {
            let taken = rest.prefix(digits)
            guard taken.count == digits, taken.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest.removeFirst(digits)
            return taken.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        /// One to nine digits, in nanoseconds; 0 where there is no fraction.
        mutating func fraction() -> Int64? {
            guard skip(".") else { return 0 }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            rest.removeFirst(digits.count)
            let padded = Array(digits) + [UInt8](repeating: 0x30, count: 9 - digits.count)
            return padded.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        /// `Z` or `+hh:mm`.
        mutating func zone() -> (minutes: Int64, isUnknown: Bool)? {
            if skip("Z") { return (0, false) }
            let isNegative = rest.first == UInt8(ascii: "-")
            guard skip(isNegative ? "-" : "+"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24,
                minutes < 60
            else { return nil }
            let offset = hours * 60 + minutes
            return (isNegative ? -offset : offset, isNegative && offset == 0)
        }
    }
}
