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
        let minutes = (UTCTime.daysSince1970(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offset
        guard Self.range.contains(minutes * 60 + second) else { return nil }
        self.init(seconds: minutes * 60 + second, nanoseconds: nanoseconds)
    }

    /// In UTC, with milliseconds as JavaScript writes them; with more digits where the time has more.
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
