/// Aligned text for people. A value must be `visible` before.
enum Columns {
    /// Names and values in two columns.
    static func rows(_ rows: [(String, String)], indent: String = "  ") -> String {
        let width = rows.map(\.0.columns).max() ?? 0
        return rows.map { indent + "\($0.0.padded(to: width))  \($0.1)".trimmingEnd }.joined(separator: "\n")
    }

    /// A line for the heads and one for each row. Only the finished lines are styled, because a style has no width.
    static func table(_ heads: [String], _ rows: [[String]], _ terminal: Terminal) -> [String] {
        let widths = heads.indices.map { column in
            max(heads[column].columns, rows.map { $0[column].columns }.max() ?? 0)
        }
        let line = { (cells: [String]) in
            zip(cells, widths).map { $0.padded(to: $1) }.joined(separator: "  ").trimmingEnd
        }
        return [terminal.faint(line(heads))] + rows.map(line)
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - columns, 0)) }

    /// The columns that a terminal needs for a text without styles.
    var columns: Int {
        reduce(0) { sum, character in
            sum
                + (character.unicodeScalars.contains { scalar in Self.wide.contains { $0.contains(scalar.value) } }
                    ? 2 : 1)
        }
    }

    /// The blocks of East Asian wide characters (UAX 11) and of emoji.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff,
        0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
    ]

    fileprivate var trimmingEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
