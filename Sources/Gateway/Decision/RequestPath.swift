import HTTP

/// The path of an original request. A path that some program would read as a different resource is refused; what programs
/// merely read in different ways is kept for `readings`.
package struct RequestPath: Sendable, Equatable {
    /// Why a path is refused, in the order of the checks.
    package enum Refusal: String, Error, Sendable, CaseIterable {
        case tooLong = "too_long", notAPath = "not_a_path", rawByte = "raw_byte", backslash, fragment
        case percentEncoding = "percent_encoding", controlByte = "control_byte", notUTF8 = "not_utf8"
        case dotSegment = "dot_segment", padding
    }

    /// In bytes, query included.
    static let maximumLength = 8192

    /// Percent-encoding kept.
    let raw: ArraySlice<UInt8>
    /// Nil for a path that has only one reading apart from the case of its letters, as nearly all have.
    private let decoded: DecodedPath?

    /// Decoded once, for messages.
    package var text: String { String(decoding: decoded?.once ?? Array(raw), as: UTF8.self) }
    /// Whether all applications read the path alike, apart from the case of its letters.
    package var isPlain: Bool { decoded == nil }

    /// `target`: the request line's own target, as the client sent it.
    package init(target: String) throws(Refusal) {
        let text = Array(target.utf8)
        try self.init(in: text, target: text.indices)
    }

    init(in text: [UInt8], target place: Range<Int>) throws(Refusal) {
        let target = text[place]
        guard target.count <= Self.maximumLength else { throw .tooLong }
        guard target.first == UInt8(ascii: "/") else { throw .notAPath }
        let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        // Rules do not see the query; only bytes that could end a header are refused in it.
        guard target[end...].allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .controlByte }
        raw = target[..<end]
        decoded = Self.isPlain(raw) ? nil : try DecodedPath(raw)
    }

    package static func == (left: Self, right: Self) -> Bool { left.raw == right.raw }

    /// Letters, digits and signs without a meaning, in segments that neither begin nor end with a dot.
    private static func isPlain(_ path: ArraySlice<UInt8>) -> Bool {
        var last = UInt8(ascii: "x")
        for byte in path {
            switch byte {
            case UInt8(ascii: "/"): if last == UInt8(ascii: "/") || last == UInt8(ascii: ".") { return false }
            case UInt8(ascii: "."): if last == UInt8(ascii: "/") { return false }
            default: if !plainBytes.contains(byte) { return false }
            }
            last = byte
        }
        return last != UInt8(ascii: ".")
    }

    private static let plainBytes = ByteSet.visible.subtracting("%;\\#")

    /// One way in which an application may read the path.
    package struct Reading: Sendable, Equatable {
        /// What was done to the raw path; empty for the raw path.
        package var steps: [String]
        /// The beginning of the read path, up to the caller's limit.
        var bytes: [UInt8]
    }

    /// The path as it is, then every other reading that can match another rule. Only the first `limit` bytes of each, which is
    /// as much as the longest rule compares.
    func readings(limit: Int) -> [Reading] {
        decoded?.readings(limit: limit) ?? [Reading(steps: [], bytes: Array(raw.prefix(limit)))]
    }
}
