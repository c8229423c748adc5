import SecretMemory
import Untrusted

/// A recursive-descent parser of RFC 8259 with a depth limit. It repairs nothing.
struct JSONParser {
    private(set) var bytes: [UInt8]
    var position = 0
    private var depth = 0
    /// The names that lead to the string to withhold from the result, from the outermost object inwards.
    var withheldPath: [UntrustedText] = []
    /// How many names of that path the parser has entered.
    private var matched = 0
    private(set) var withheld: SecretBytes?
    /// See `JSONValue.parse`.
    var refusesInexactNumbers = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func cleanse() {
        bytes.cleanse()
    }

    mutating func parseWhole() throws(JSONRefusal) -> JSONValue {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw .byteOrderMark }
        skipWhiteSpace()
        let value = try parseValue()
        skipWhiteSpace()
        guard position == bytes.count else { throw .trailingBytes(at: position) }
        return value
    }

    private mutating func parseValue() throws(JSONRefusal) -> JSONValue {
        switch try current() {
        case UInt8(ascii: "{"): return .object(try parseObject())
        case UInt8(ascii: "["): return .array(try parseArray())
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseLiteral("true", .bool(true))
        case UInt8(ascii: "f"): return try parseLiteral("false", .bool(false))
        case UInt8(ascii: "n"): return try parseLiteral("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw .unexpectedByte(at: position)
        }
    }

    private mutating func parseObject() throws(JSONRefusal) -> JSONObject {
        try enter()
        var members: [(name: UntrustedText, value: JSONValue)] = []
        members.reserveCapacity(JSONNames.usualCount)
        var names = JSONNames()
        skipWhiteSpace()
        if try current() == UInt8(ascii: "}") {
            leave()
            return JSONObject(distinct: members)
        }
        while true {
            let start = position
            guard try current() == UInt8(ascii: "\"") else { throw .unexpectedByte(at: position) }
            let name = try parseString()
            guard names.isNew(name, among: members) else { throw .duplicateName(at: start) }
            skipWhiteSpace()
            guard try current() == UInt8(ascii: ":") else { throw .unexpectedByte(at: position) }
            position += 1
            skipWhiteSpace()
            let isOnPath = matched == depth - 1 && matched < withheldPath.count && name == withheldPath[matched]
            if isOnPath, depth == withheldPath.count, try current() == UInt8(ascii: "\"") {
                withheld = try parsePlainString()
                members.append((name, .null))
            } else {
                if isOnPath { matched += 1 }
                members.append((name, try parseValue()))
                if isOnPath { matched -= 1 }
            }
            skipWhiteSpace()
            switch try current() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                leave()
                return JSONObject(distinct: members)
            default: throw .unexpectedByte(at: position)
            }
            skipWhiteSpace()
        }
    }

    private mutating func parseArray() throws(JSONRefusal) -> [JSONValue] {
        try enter()
        var values: [JSONValue] = []
        skipWhiteSpace()
        if try current() == UInt8(ascii: "]") {
            leave()
            return values
        }
        while true {
            values.append(try parseValue())
            skipWhiteSpace()
            switch try current() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                leave()
                return values
            default: throw .unexpectedByte(at: position)
            }
            skipWhiteSpace()
        }
    }

    private mutating func parseLiteral(_ word: StaticString, _ value: JSONValue) throws(JSONRefusal) -> JSONValue {
        for expected in "\(word)".utf8 {
            guard try current() == expected else { throw .unexpectedByte(at: position) }
            position += 1
        }
        return value
    }

    private mutating func parseNumber() throws(JSONRefusal) -> JSONValue {
        let start = position
        var isInteger = true
        if try current() == UInt8(ascii: "-") { position += 1 }
        if try current() == UInt8(ascii: "0") { position += 1 } else { try skipDigits() }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try skipDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            let sign = try current()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        let integer = isInteger ? integer(in: start..<position) : nil
        if let integer, !refusesInexactNumbers || ExactNumber.holds(integer) { return .integer(integer) }
        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = Double(literal) else { throw .unexpectedByte(at: start) }
        guard !refusesInexactNumbers || ExactNumber.holds(bytes[start..<position], number) else {
            throw .inexactNumber(at: start)
        }
        return integer.map(JSONValue.integer) ?? .number(number)
    }

    /// The value of an integer literal; nil where it does not fit.
    private func integer(in range: Range<Int>) -> Int64? {
        let literal = bytes.span.extracting(range)
        let isNegative = literal[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        for place in (isNegative ? 1 : 0)..<literal.count {
            // Negative, because the range of `Int64` is larger by one there.
            let (shifted, overflows) = value.multipliedReportingOverflow(by: 10)
            let (next, goesBelow) = shifted.subtractingReportingOverflow(Int64(literal[place] - UInt8(ascii: "0")))
            if overflows || goesBelow { return nil }
            value = next
        }
        return isNegative ? value : value == .min ? nil : -value
    }

    /// One digit or more.
    private mutating func skipDigits() throws(JSONRefusal) {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        if position == start {
            _ = try current()
            throw .unexpectedByte(at: position)
        }
    }

    func current() throws(JSONRefusal) -> UInt8 {
        guard position < bytes.count else { throw .endsEarly }
        return bytes[position]
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    /// Steps over the opening bracket.
    private mutating func enter() throws(JSONRefusal) {
        guard depth < JSONValue.maximumDepth else { throw .tooDeep(at: position) }
        depth += 1
        position += 1
    }

    private mutating func leave() {
        depth -= 1
        position += 1
    }
}

/// Finds duplicate names of an object.
private struct JSONNames {
    /// About as many members as a token's payload has.
    static let usualCount = 16

    /// All names, once there are many: comparing thousands one by one would take quadratic time.
    private var seen: Set<UntrustedText> = []

    /// To be called once for each member, before it is appended.
    mutating func isNew(_ name: UntrustedText, among members: [(name: UntrustedText, value: JSONValue)]) -> Bool {
        guard members.count >= Self.usualCount else { return !members.contains { $0.name == name } }
        if seen.isEmpty { seen = Set(members.map(\.name)) }
        return seen.insert(name).inserted
    }
}
