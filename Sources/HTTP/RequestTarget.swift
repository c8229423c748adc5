package import SecretMemory
package import Untrusted

/// The target of a request in origin form (RFC 9112 section 3.2.1): `/path?query`, decoded once and strictly.
package struct RequestTarget: Sendable {
    /// Why a target is refused, in the order of the checks.
    package enum Refusal: Error, Sendable, Equatable {
        /// Not `/…`: absolute, authority or asterisk form.
        case notOriginForm
        /// In the path before decoding, a byte outside printable ASCII or `#`; in the query, a control byte.
        case rawByte
        /// `%` without two hexadecimal digits after it.
        case percentEncoding
        /// A percent-encoded control byte or NUL.
        case controlByte
        case notUTF8
    }

    /// The path, not decoded.
    package let rawPath: UntrustedText
    /// The path, decoded once.
    package let path: UntrustedText
    /// The raw query without its `?`; nil where there is none. It may hold a login code.
    package let query: SecretBytes?

    package init(_ raw: SecretBytes) throws(Refusal) {
        self = try raw.withSpan { (bytes) throws(Refusal) in try RequestTarget(bytes) }
    }

    package init(_ raw: SecretBuffer) throws(Refusal) {
        self = try raw.withSpan { (bytes) throws(Refusal) in try RequestTarget(bytes) }
    }

    private init(_ raw: borrowing Span<UInt8>) throws(Refusal) {
        let (queryMark, isEncoded) = try Self.scan(raw)
        // `scan` has checked that these are ASCII.
        let bytes = (0..<(queryMark ?? raw.count)).map { raw[$0] }
        rawPath = UntrustedText(checked: bytes)
        path = isEncoded ? try Self.decode(bytes) : rawPath
        query = queryMark.map { SecretBytes(raw.extracting(droppingFirst: $0 + 1)) }
    }

    /// The position of the `?`, and whether there is a `%` before it.
    private static func scan(_ bytes: borrowing Span<UInt8>) throws(Refusal) -> (queryMark: Int?, isEncoded: Bool) {
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "/") else { throw .notOriginForm }
        let visible = ByteSet.visible
        var queryMark: Int?
        var isEncoded = false
        for position in bytes.indices {
            let byte = bytes[position]
            guard queryMark == nil else {
                // Browsers send `\` unencoded in a query, other clients `é`. The query is no path, so both are harmless.
                guard byte >= 0x20, byte != 0x7f else { throw .rawByte }
                continue
            }
            guard visible.contains(byte), byte != UInt8(ascii: "#") else { throw .rawByte }
            if byte == UInt8(ascii: "?") { queryMark = position } else if byte == UInt8(ascii: "%") { isEncoded = true }
        }
        return (queryMark, isEncoded)
    }

    private static func decode(_ pathBytes: [UInt8]) throws(Refusal) -> UntrustedText {
        let decoded: [UInt8]
        do { decoded = try PercentEncoding.decode(pathBytes) } catch { throw .percentEncoding }
        guard decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .controlByte }
        guard let path = UntrustedText(validating: decoded) else { throw .notUTF8 }
        return path
    }
}
