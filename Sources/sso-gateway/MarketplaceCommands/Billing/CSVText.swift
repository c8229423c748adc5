import Untrusted

/// Reads comma-separated values (RFC 4180), strictly: what two programs could read in two ways is refused.
struct CSVText {
    struct Row: Equatable {
        /// The first line that it takes, from 1.
        let line: Int
        let fields: [UntrustedText]
    }

    struct Problem: Error, Equatable {
        let line: Int
        let message: String
    }

    private let bytes: [UInt8]
    private var position: Int
    private var line = 1

    static func rows(_ bytes: [UInt8]) throws(Problem) -> [Row] {
        var text = CSVText(bytes)
        var rows: [Row] = []
        while text.position < text.bytes.count {
            let row = try text.row()
            // An empty line at the end is one that an editor left.
            if row.fields == [""] { continue }
            rows.append(row)
        }
        return rows
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
    }

    private mutating func row() throws(Problem) -> Row {
        let first = line
        var fields: [UntrustedText] = []
        while true {
            let isQuoted = next == UInt8(ascii: "\"")
            let value = isQuoted ? try quoted() : try plain()
            guard let text = UntrustedText(validating: value) else {
                throw Problem(line: first, message: "is not UTF-8 text")
            }
            fields.append(text)
            guard next == UInt8(ascii: ",") else { break }
            position += 1
        }
        try endOfRow()
        return Row(line: first, fields: fields)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func plain() throws(Problem) -> [UInt8] {
        let start = position
        while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
            guard byte != UInt8(ascii: "\"") else {
                throw Problem(line: line, message: "has a quotation mark inside a value that does not begin with one")
            }
            position += 1
        }
        return Array(bytes[start..<position])
    }

    private mutating func quoted() throws(Problem) -> [UInt8] {
        let first = line
        var value: [UInt8] = []
        position += 1
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard next == byte else { return value }
                position += 1
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
            value.append(byte)
        }
        throw Problem(line: first, message: "has a quotation mark that is not closed")
    }

    private mutating func endOfRow() throws(Problem) {
        if next == UInt8(ascii: "\r") { position += 1 }
        switch next {
        case nil: break
        case UInt8(ascii: "\n"): position += 1
        default:
            throw Problem(line: line, message: "has something behind a closing quotation mark, or a lone line end")
        }
        line += 1
    }
}
