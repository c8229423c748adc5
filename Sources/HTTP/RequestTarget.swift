package import SecretMemory
package import Untrusted

/// The target of a request in origin form (RFC 9112 section 3.2.1): `/path?query`, decoded once and strictly.
package struct RequestTarget: Sendable {
    /// Why a target is refused, in the order of the checks.
    package enum Refusal: Error, Sendable, Equatable {
        /// Not `/…`: absolute, authority and asterisk form are for proxies.
        case notOriginForm
        /// In the path, a byte outside printable ASCII or `#`, before any decoding; in the query, a control byte.
        case rawByte
        /// `%` without two hexadecimal digits behind it.
        case percentEncoding
        /// A control byte or NUL that was hidden behind percent-encoding.
        case controlByte
        case notUTF8
    }

    /// The path as it came, percent-encoding kept.
    package let rawPath: UntrustedText
    /// The path, decoded once.
    package let path: UntrustedText
    /// The raw query without its `?`; nil when there was none. It can hold a login code, hence the cleansing type.
    package let query: SecretBytes?

    package init(_ raw: SecretBytes) throws(Refusal) {
        self = try raw.withSpan { (bytes) throws(Refusal) in try RequestTarget(bytes) }
    }

    package init(_ raw: SecretBuffer) throws(Refusal) {
        self = try raw.withSpan { (bytes) throws(Refusal) in try RequestTarget(bytes) }
    }

    private init(_ raw: borrowing Span<UInt8>) throws(Refusal) {
        let (mark, isEncoded) = try Self.look(at: raw)
        // Visible bytes alone, so all of them ASCII.
        let bytes = (0..<(mark ?? raw.count)).map { raw[$0] }
        rawPath = UntrustedText(checked: bytes)
        path = isEncoded ? try Self.decode(bytes) : rawPath
        query = mark.map { SecretBytes(raw.extracting(droppingFirst: $0 + 1)) }
    }

    /// Where the `?` stands, and whether there is a `%` before it.
    private static func look(at bytes: borrowing Span<UInt8>) throws(Refusal) -> (mark: Int?, isEncoded: Bool) {
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "/") else { throw .notOriginForm }
        let visible = ByteSet.visible
        var mark: Int?
        var isEncoded = false
        for position in bytes.indices {
            let byte = bytes[position]
            guard mark == nil else {
                // Browsers send `\` and others `é` there as they are, and no path is read from it.
                guard byte >= 0x20, byte != 0x7f else { throw .rawByte }
                continue
            }
            guard visible.contains(byte), byte != UInt8(ascii: "#") else { throw .rawByte }
            if byte == UInt8(ascii: "?") { mark = position } else if byte == UInt8(ascii: "%") { isEncoded = true }
        }
        return (mark, isEncoded)
    }

    private static func decode(_ pathBytes: [UInt8]) throws(Refusal) -> UntrustedText {
        let decoded: [UInt8]
        do { decoded = try PercentEncoding.decode(pathBytes) } catch { throw .percentEncoding }
        guard decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .controlByte }
        guard let path = UntrustedText(validating: decoded) else { throw .notUTF8 }
        return path
    }
}
