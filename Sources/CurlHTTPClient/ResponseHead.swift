import HTTP

/// Reads a response's head line by line. Performs no I/O; libcurl delivers one line at a time, trailers too.
struct ResponseHead: Sendable {
    enum Step: Sendable, Equatable {
        case more
        /// The head of the final response is whole; 1xx responses before it were dropped.
        case complete
        case notHTTP
        case tooLarge
    }

    /// All lines together, interim responses and trailers included: none of them may fill our memory. In bytes.
    static let maximumSize = 32 * 1024

    private(set) var status: HTTPStatus?
    private(set) var isComplete = false
    /// `Content-Length`, saturated.
    private(set) var contentLength: Int?
    private var size = 0
    private(set) var headers = HTTPHeaders()

    /// Drops a head whose request is being sent again.
    mutating func reset() { self = ResponseHead() }

    mutating func take(_ line: borrowing Span<UInt8>) -> Step {
        size += line.count
        guard size <= Self.maximumSize else { return .tooLarge }
        if isComplete { return .more }
        var end = line.count
        if end > 0, line[end - 1] == 0x0a { end -= 1 }
        if end > 0, line[end - 1] == 0x0d { end -= 1 }
        let text = line.extracting(..<end)
        guard status != nil else { return readStatus(text) ? .more : .notHTTP }
        guard !text.isEmpty else { return finish() }
        return readField(text) ? .more : .notHTTP
    }

    private mutating func finish() -> Step {
        if let status, status.rawValue >= 200 {
            isComplete = true
            return .complete
        }
        status = nil
        headers = HTTPHeaders()
        contentLength = nil
        return .more
    }

    private static let version = Array("HTTP/1.".utf8)

    private mutating func readStatus(_ line: borrowing Span<UInt8>) -> Bool {
        guard line.count >= 12, Self.version.indices.allSatisfy({ line[$0] == Self.version[$0] }), line[8] == 0x20,
            line.count == 12 || line[12] == 0x20, let code = Self.number(line.extracting(9..<12)),
            (100...599).contains(code)
        else { return false }
        status = HTTPStatus(rawValue: code)
        headers.reserve(fields: 16, bytes: 512)
        return true
    }

    private mutating func readField(_ line: borrowing Span<UInt8>) -> Bool {
        guard let colon = line.indices.first(where: { line[$0] == UInt8(ascii: ":") }), colon > 0 else { return false }
        let name = line.extracting(..<colon)
        // A folded line begins with a blank and so has no token for a name (RFC 9112 section 5.2).
        guard ByteSet.token.containsAll(name) else { return false }
        var (start, end) = (colon + 1, line.count)
        while start < end, Self.isBlank(line[start]) { start += 1 }
        while start < end, Self.isBlank(line[end - 1]) { end -= 1 }
        let value = line.extracting(start..<end)
        guard FieldSyntax.isValue(value) else { return false }
        let known = KnownHeader(name)
        if known == .contentLength {
            guard let length = Self.number(value), contentLength == nil || contentLength == length else { return false }
            contentLength = length
        }
        headers.append(name, value, known: known)
        return true
    }

    /// Saturated; nil unless all bytes are digits.
    private static func number(_ text: borrowing Span<UInt8>) -> Int? {
        guard !text.isEmpty, ByteSet.digits.containsAll(text) else { return nil }
        var number = 0
        for index in text.indices {
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isToo) = tens.addingReportingOverflow(Int(text[index] - 0x30))
            if isTooLarge || isToo { return .max }
            number = sum
        }
        return number
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
