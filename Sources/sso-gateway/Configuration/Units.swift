/// Durations in the configuration's notation.
enum Units {
    /// `30s`, `15m`, `8h`, `7d`: whole seconds; nil for anything else.
    static func seconds(_ text: String) -> Int64? {
        let factors: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last, let factor = factors[unit] else { return nil }
        let digits = text.dropLast()
        guard (1...6).contains(digits.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(digits), number > 0
        else { return nil }
        return number * factor
    }

    static func seconds(_ range: ClosedRange<Int64>) -> (String) -> Int64? {
        { text in seconds(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// In the largest unit, up to hours, that needs no fraction.
    static func text(_ seconds: Int64) -> String {
        for (unit, factor) in [("h", Int64(3600)), ("m", 60)] where seconds % factor == 0 {
            return "\(seconds / factor)\(unit)"
        }
        return "\(seconds)s"
    }
}
