import HTTP

/// The path of an original request that no two programs could read differently. Anything else is refused, never
/// normalised: what we would normalise, the server behind the proxy might not.
package struct PlainPath: Sendable, Equatable {
    package enum Refusal: String, Error, Sendable, CaseIterable {
        case tooLong = "too_long", notAPath = "not_a_path", rawByte = "raw_byte", backslash, fragment
        case percentEncoding = "percent_encoding", encodedSlash = "encoded_slash", controlByte = "control_byte"
        case doubleEncoding = "double_encoding", notUTF8 = "not_utf8", emptySegment = "empty_segment"
        case dotSegment = "dot_segment"
    }

    /// In bytes, query included.
    static let maximumLength = 8192

    /// Decoded once; UTF-8.
    let bytes: ArraySlice<UInt8>
    private let hasOtherReadings: Bool

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// `target`: the request line's own target, as the client sent it.
    package init(target: String) throws(Refusal) {
        let text = Array(target.utf8)
        try self.init(in: text, target: text.indices)
    }

    init(in text: [UInt8], target place: Range<Int>) throws(Refusal) {
        let target = text.span.extracting(place)
        guard target.count <= Self.maximumLength else { throw .tooLong }
        guard !target.isEmpty, target[0] == UInt8(ascii: "/") else { throw .notAPath }
        if let end = TargetSyntax.endOfPlainPath(target), !TargetSyntax.hasOddSegment(target.extracting(first: end)) {
            bytes = text[place.lowerBound..<place.lowerBound + end]
            hasOtherReadings = false
            return
        }
        var path = try text[place.lowerBound..<place.lowerBound + Self.endOfPath(in: target)]
        if path.contains(UInt8(ascii: "%")) {
            path = try Self.decode(Array(path))[...]
            guard String(validating: path, as: UTF8.self) != nil else { throw .notUTF8 }
        }
        bytes = path
        hasOtherReadings = path.contains(where: Self.endsName)
        try Self.checkSegments(path)
    }

    /// The first `?` of a target that has no byte which some program reads otherwise.
    private static func endOfPath(in target: Span<UInt8>) throws(Refusal) -> Int {
        let visible = ByteSet.visible
        var end = target.count
        for position in target.indices {
            let byte = target[position]
            guard visible.contains(byte) else { throw .rawByte }
            if byte == UInt8(ascii: "\\") { throw .backslash }
            if byte == UInt8(ascii: "#") { throw .fragment }
            if byte == UInt8(ascii: "?") { end = min(end, position) }
        }
        return end
    }

    private init(decoded text: String) {
        bytes = Array(text.utf8)[...]
        hasOtherReadings = false
    }

    /// The same path as some servers read it: without `;…` in segments, or, behind a proxy that sends on what it has
    /// decoded, only up to a blank or a question mark. Empty for nearly every path.
    package var otherReadings: [PlainPath] {
        guard hasOtherReadings else { return [] }
        let text = text
        let cut = text.prefix { $0 != " " && $0 != "?" }
        let readings = [text[...], cut].flatMap { [$0, Self.withoutParameters($0)] }
        return Set(readings).subtracting([text[...]]).map { PlainPath(decoded: String($0)) }
    }

    private static func withoutParameters(_ path: Substring) -> Substring {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        return Substring(segments.map { $0.prefix { $0 != ";" } }.joined(separator: "/"))
    }

    /// A byte behind which some server reads no further in a segment.
    private static func endsName(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ";") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "?")
    }

    private static func decode(_ raw: [UInt8]) throws(Refusal) -> [UInt8] {
        for position in raw.indices where raw[position] == UInt8(ascii: "%") {
            guard position + 2 < raw.count, let high = PercentEncoding.hexDigit(raw[position + 1]),
                let low = PercentEncoding.hexDigit(raw[position + 2])
            else { throw .percentEncoding }
            switch high << 4 | low {
            case UInt8(ascii: "/"): throw .encodedSlash
            case UInt8(ascii: "\\"): throw .backslash
            case UInt8(ascii: "#"): throw .fragment
            case 0..<0x20, 0x7f: throw .controlByte
            default: break
            }
        }
        guard let decoded = try? PercentEncoding.decode(raw) else { throw .percentEncoding }
        // `%252e`: one program's literal is the next one's dot.
        for position in decoded.indices where decoded[position] == UInt8(ascii: "%") {
            if position + 2 < decoded.count, PercentEncoding.hexDigit(decoded[position + 1]) != nil,
                PercentEncoding.hexDigit(decoded[position + 2]) != nil
            {
                throw .doubleEncoding
            }
        }
        return decoded
    }

    private static func checkSegments(_ path: ArraySlice<UInt8>) throws(Refusal) {
        let bytes = path.span
        var start = 0
        while true {
            start = SixteenBytes.first(UInt8(ascii: "/"), in: bytes, from: start) + 1
            // The last segment is empty in `/` and `/folder/`.
            guard start < bytes.count else { return }
            let first = bytes[start]
            if first == UInt8(ascii: "/") || endsName(first) { throw .emptySegment }
            if first == UInt8(ascii: ".") { try checkDots(path.dropFirst(start)) }
        }
    }

    /// A segment that begins with a dot, and what is behind it.
    private static func checkDots(_ path: ArraySlice<UInt8>) throws(Refusal) {
        // `..;x` is a dot segment to servers that strip parameters from segments.
        let name = path.prefix { $0 != UInt8(ascii: "/") && !endsName($0) }
        if name.count == 1 || name.elementsEqual("..".utf8) { throw .dotSegment }
    }
}
