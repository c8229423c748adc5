package import SecretMemory

/// The proxy through which a client reaches other machines.
///
/// `https` targets go through a tunnel: the proxy sees the host's name and the port, and the target's certificate is
/// checked as without a proxy. Requests to loopback hosts never use it. With `socks5h` and a tunnel the proxy resolves names.
package struct ForwardProxy: Sendable {
    package enum Scheme: String, Sendable, CaseIterable {
        case http, https, socks5h
    }

    /// `http://host:port`, `https://host:port` or `socks5h://host:port`.
    package let url: String
    package let credentials: Credentials?

    package init(url: String, credentials: Credentials?) {
        self.url = url
        self.credentials = credentials
    }

    /// A user name and password for Basic authentication (RFC 7617) or SOCKS5 (RFC 1929).
    package struct Credentials: Sendable {
        /// `user:password`
        package let text: SecretBytes
        /// `text` as libcurl wants it: percent-encoded, with a zero byte at the end.
        let encoded: SecretBytes

        /// Each part in bytes; RFC 1929 has one byte for the length.
        private static let lengths = 1...255

        /// Nil unless `text` has the form `user:password`, both of 1 to 255 bytes and without a zero byte.
        package init?(_ text: SecretBytes) {
            guard let colon = text.firstIndex(of: UInt8(ascii: ":")), text.firstIndex(of: 0) == nil,
                Self.lengths.contains(colon), Self.lengths.contains(text.count - colon - 1)
            else { return nil }
            self.text = text
            encoded = Self.encode(text, colon: colon)
        }

        /// The first colon stays, and letters and digits. The rest of the buffer is zero.
        private static func encode(_ text: SecretBytes, colon: Int) -> SecretBytes {
            SecretBytes(count: 3 * text.count + 1) { (bytes: inout MutableSpan<UInt8>) in
                var end = 0
                for index in 0..<text.count {
                    let byte = text[index]
                    if index == colon || isPlain(byte) {
                        bytes[end] = byte
                        end += 1
                    } else {
                        bytes[end] = UInt8(ascii: "%")
                        bytes[end + 1] = digit(byte >> 4)
                        bytes[end + 2] = digit(byte & 0xf)
                        end += 3
                    }
                }
            }
        }

        private static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }

        private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x41 - 10 + value }
    }
}
