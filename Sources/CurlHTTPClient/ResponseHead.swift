import HTTP

/// Reads an answer's head line by line. Performs no I/O; libcurl hands over one line at a time, trailers too.
struct ResponseHead: Sendable {
    enum Step: Sendable, Equatable {
        case more
        /// The head of the final answer is whole; a 1xx before it was dropped.
        case complete
        case notHTTP
        case tooLarge
    }

    /// All lines together, interim answers and trailers included, so that none of them is a way to fill our memory.
    static let maximumSize = 32 * 1024

    private(set) var status: HTTPStatus?
    private(set) var headers = HTTPHeaders()
    private(set) var isComplete = false
    /// What `Content-Length` says; saturated.
    private(set) var contentLength: Int?
    private var size = 0

    /// Drops a head whose request is being sent again.
    mutating func reset() { self = ResponseHead() }

    mutating func take(_ line: some BidirectionalCollection<UInt8>) -> Step {
        size += line.count
        guard size <= Self.maximumSize else { return .tooLarge }
        if isComplete { return .more }
        let text = Self.withoutLineEnd(line)
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

    private mutating func readStatus(_ line: some BidirectionalCollection<UInt8>) -> Bool {
        let bytes = Array(line.prefix(13))
        guard bytes.count >= 12, bytes.starts(with: Array("HTTP/1.".utf8)), bytes[8] == 0x20,
            bytes.count == 12 || bytes[12] == 0x20, bytes[9..<12].allSatisfy(Self.isDigit)
        else { return false }
        let code = bytes[9..<12].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard (100...599).contains(code) else { return false }
        status = HTTPStatus(rawValue: code)
        return true
    }

    private mutating func readField(_ line: some BidirectionalCollection<UInt8>) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        // A folded line begins with a blank and so has no token for a name (RFC 9112 section 5.2).
        guard HeaderList.isToken(name) else { return false }
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var value = line[line.index(after: colon)...].drop(while: isBlank)
        while let last = value.last, isBlank(last) { value.removeLast() }
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else { return false }
        if HTTPHeaders.equal(name, "Content-Length") {
            guard !value.isEmpty, value.allSatisfy(Self.isDigit) else { return false }
            let length = Int(String(decoding: value, as: UTF8.self)) ?? .max
            guard contentLength == nil || contentLength == length else { return false }
            contentLength = length
        }
        headers.append(name, String(decoding: value, as: UTF8.self))
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func withoutLineEnd<Line: BidirectionalCollection<UInt8>>(_ line: Line) -> Line.SubSequence {
        var line = line[...]
        if line.last == 0x0a { line.removeLast() }
        if line.last == 0x0d { line.removeLast() }
        return line
    }
}
