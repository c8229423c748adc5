import Glibc

/// Text that is expensive for code that follows Unicode's rules, in several spellings, and the comparison of what a
/// reader spends on it with what it spends on as many bytes of plain letters (RT-100).
package enum CostlyText {
    /// How a text is written where it is sent. Plain letters are written in the same way.
    package enum Spelling: Sendable, CaseIterable {
        case raw
        /// `%CC%81`, and `%61` for a letter.
        case percent
        /// `\u0301`, and `\u0061` for a letter.
        case json

        func written(_ text: String) -> [UInt8] {
            switch self {
            case .raw: Array(text.utf8)
            case .percent: text.utf8.flatMap { Array(("%" + Self.hexadecimal(Int($0), digits: 2)).utf8) }
            case .json: text.utf16.flatMap { Array((#"\u"# + Self.hexadecimal(Int($0), digits: 4)).utf8) }
            }
        }

        private static func hexadecimal(_ value: Int, digits count: Int) -> String {
            let digits = String(value, radix: 16, uppercase: true)
            return String(repeating: "0", count: count - digits.count) + digits
        }
    }

    /// What is repeated: marks that have to be sorted, syllables that are composed, and runs that are one character.
    static let units = [
        "\u{301}\u{316}", "a\u{316}\u{301}\u{5b0}\u{345}", "\u{1100}\u{1161}\u{11a8}", "\u{1161}",
        "\u{1f1e9}\u{1f1ea}", "\u{1f469}\u{200d}\u{1f467}\u{200d}", "\u{1d160}",
    ]

    /// In bytes: below the limits of single parameters, below that of a path, and about the largest head.
    static let sizes = [2000, 6100, 16 * 1024 - 64]

    /// What one text may cost beside four times as much as letters. In a debug build 32 KiB that are copied and decoded cost
    /// so much more than 32 KiB that are merely looked at. Sorting as many marks costs ten times as much.
    static let allowance = 0.002

    private static func repeated(_ unit: String, _ spelling: Spelling, _ size: Int) -> [UInt8] {
        let unit = spelling.written(unit)
        let letter = spelling.written("a")
        var text = [UInt8](repeatElement(unit, count: size / unit.count).joined())
        while text.count + letter.count <= size { text += letter }
        return text
    }

    /// What a reader spends on a text and on as many letters, each the least of some runs that take turns. In seconds of
    /// this process: what other processes do does not count, but a processor that they make slow does.
    private struct Comparison {
        var text = Double.infinity
        var letters = Double.infinity

        var isDear: Bool { text > letters * 4 + CostlyText.allowance }

        /// Ends once the text is cheap.
        init(_ text: [UInt8], _ letters: [UInt8], _ read: ([UInt8]) async throws -> Void) async rethrows {
            for _ in 0..<3 where isDear || self.text == .infinity {
                self.letters = min(self.letters, try await Self.spent(on: letters, read))
                self.text = min(self.text, try await Self.spent(on: text, read))
            }
        }

        private static func spent(on text: [UInt8], _ read: ([UInt8]) async throws -> Void) async rethrows -> Double {
            let began = CostlyText.now()
            try await read(text)
            return CostlyText.now() - began
        }
    }

    /// The first comparison in which the text is cheap, or the last one. What is wrong with the text is wrong in each of
    /// them; what is wrong with the machine passes.
    private static func compare(
        _ text: [UInt8], _ letters: [UInt8], _ read: ([UInt8]) async throws -> Void
    ) async rethrows -> Comparison {
        var comparison = try await Comparison(text, letters, read)
        for _ in 0..<4 where comparison.isDear {
            try? await Task.sleep(for: .milliseconds(50))
            comparison = try await Comparison(text, letters, read)
        }
        return comparison
    }

    private static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// One line for every text that costs `read` more than four times as much as plain letters.
    package static func complaints(
        _ spelling: Spelling, _ read: ([UInt8]) async throws -> Void
    ) async rethrows -> [String] {
        var complaints: [String] = []
        for size in sizes {
            let letters = repeated("a", spelling, size)
            for unit in units {
                let spent = try await compare(repeated(unit, spelling, size), letters, read)
                guard spent.isDear else { continue }
                let scalars = unit.unicodeScalars.map { "U+" + String($0.value, radix: 16) }.joined(separator: " ")
                complaints.append(
                    "\(size) bytes of \(scalars) (\(spelling)) take \(spent.text) s, letters \(spent.letters) s")
            }
        }
        return complaints
    }
}
