/// A point in time as the marketplace writes it (ISO 8601, the profile of RFC 3339): `2026-11-21T10:43:20.123Z`.
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

    /// Nil where the text is no date with its time and its zone, or lies outside `range`. A leap second is refused: the
    /// marketplace's own clock has none. So is `-00:00`, which ISO 8601 does not have.
    package init?(_ text: UntrustedText) {
        var reader = Reader(rest: text.bytes[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            let nanoseconds = reader.fraction(), let offset = reader.offset(), reader.rest.isEmpty,
            year >= 1970, (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year), hour < 24,
            minute < 60, second < 60
        else { return nil }
        let minutes = (Self.daysSince1970(year, month, day) * 24 + hour) * 60 + minute - offset
        guard Self.range.contains(minutes * 60 + second) else { return nil }
        self.init(seconds: minutes * 60 + second, nanoseconds: nanoseconds)
    }

    /// In UTC, with milliseconds as JavaScript writes them; with more digits where the time has more.
    package var text: String {
        let (year, month, day) = Self.date(seconds / 86_400)
        let time = seconds % 86_400
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let clock = [time / 3600, time / 60 % 60, time % 60].map { Self.padded($0, 2) }.joined(separator: ":")
        let fraction =
            nanoseconds % 1_000_000 == 0 ? Self.padded(nanoseconds / 1_000_000, 3) : Self.padded(nanoseconds, 9)
        return "\(date)T\(clock).\(fraction)Z"
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Counted in years that begin in March, so that the leap day is the last one.
    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return marchYear * 365 + leapDays + dayOfYear - 719_468
    }

    /// The date that many days after 1 January 1970.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        var year = 1970 + days / 366
        while daysSince1970(year + 1, 1, 1) <= days { year += 1 }
        var month: Int64 = 1
        while month < 12, daysSince1970(year, month + 1, 1) <= days { month += 1 }
        return (year, month, days - daysSince1970(year, month, 1) + 1)
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

        /// Of one to nine digits, in nanoseconds; 0 without one.
        mutating func fraction() -> Int64? {
            guard skip(".") else { return 0 }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            rest.removeFirst(digits.count)
            let padded = Array(digits) + [UInt8](repeating: 0x30, count: 9 - digits.count)
            return padded.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        /// `Z` or `+hh:mm`, in minutes.
        mutating func offset() -> Int64? {
            if skip("Z") { return 0 }
            let isNegative = rest.first == UInt8(ascii: "-")
            guard skip(isNegative ? "-" : "+"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24,
                minutes < 60, !isNegative || hours + minutes > 0
            else { return nil }
            return (isNegative ? -1 : 1) * (hours * 60 + minutes)
        }
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
