import Untrusted

/// A point in time as others write it (RFC 3339): `2026-11-21T10:43:20.123Z`.
enum Timestamp {
    /// In milliseconds since 1970; nil for whatever is not a date with its time and its zone.
    static func milliseconds(_ text: UntrustedText) -> Int64? {
        var reader = Reader(rest: text.bytes[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            let fraction = reader.milliseconds(), let offset = reader.offset(), reader.rest.isEmpty,
            year >= 1970, (1...12).contains(month), day >= 1, day <= days(in: month, of: year), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        let seconds =
            ((UTCTime.daysSince1970(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offset) * 60
            + second
        return seconds * 1000 + fraction
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

        /// Of a fraction of one to nine digits, or 0 without one.
        mutating func milliseconds() -> Int64? {
            guard skip(".") else { return 0 }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            rest.removeFirst(digits.count)
            return (Array(digits) + [0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        /// `Z` or `+hh:mm`, in minutes.
        mutating func offset() -> Int64? {
            if skip("Z") { return 0 }
            guard let sign: Int64 = skip("+") ? 1 : skip("-") ? -1 : nil, let hours = number(2), skip(":"),
                let minutes = number(2), hours < 24, minutes < 60
            else { return nil }
            return sign * (hours * 60 + minutes)
        }
    }
}
