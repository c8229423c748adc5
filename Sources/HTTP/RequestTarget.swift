package import SecretMemory

/// The target of a request in origin form (RFC 9112 section 3.2.1): `/path?query`, decoded once and strictly.
package struct RequestTarget: Sendable {
    /// Why a target is refused, in the order of the checks.
    package enum Refusal: Error, Sendable, Equatable {
        /// Not `/…`: absolute, authority and asterisk form are for proxies.
        case notOriginForm
        /// A byte outside printable ASCII, or `#`, before any decoding.
        case rawByte
        /// `%` without two hexadecimal digits behind it.
        case percentEncoding
        /// A control byte or NUL that was hidden behind percent-encoding.
        case controlByte
        case notUTF8
    }

    /// The path as it came, percent-encoding kept.
    package let rawPath: String
    /// The path, decoded once.
    package let path: String
    /// The raw query without its `?`; nil when there was none. It can hold a login code, hence the cleansing type.
    package let query: SecretBytes?

    package init(_ raw: SecretBytes) throws(Refusal) {
        guard raw.count > 0, raw[0] == UInt8(ascii: "/") else { throw .notOriginForm }
        var mark: Int?
        for position in 0..<raw.count {
            let byte = raw[position]
            guard (0x21...0x7e).contains(byte), byte != UInt8(ascii: "#") else { throw .rawByte }
            if byte == UInt8(ascii: "?"), mark == nil { mark = position }
        }
        let pathBytes = raw[0..<(mark ?? raw.count)].exposedBytes
        let decoded: [UInt8]
        do { decoded = try PercentEncoding.decode(pathBytes) } catch { throw .percentEncoding }
        guard decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .controlByte }
        guard let path = String(validating: decoded, as: UTF8.self) else { throw .notUTF8 }
        self.path = path
        rawPath = String(decoding: pathBytes, as: UTF8.self)
        query = mark.map { raw[($0 + 1)..<raw.count] }
    }
}
