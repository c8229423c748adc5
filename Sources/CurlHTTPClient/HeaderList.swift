import CCurl
import HTTP

/// The header lines of one request, in the form libcurl wants: what the caller gave, and an order to leave out what
/// libcurl would add by itself. `Host` and `Content-Length` are libcurl's.
///
/// `@unchecked Sendable`: built in `init` and only read afterwards. The lines may hold credentials; libcurl copies
/// them to its own heap, which cleanses itself.
@safe final class HeaderList: @unchecked Sendable {
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    /// Decided by libcurl alone, because they say where a message ends or who hears it.
    private static let reserved = [
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "TE", "Trailer", "Upgrade", "Keep-Alive",
        "Proxy-Connection", "Proxy-Authorization",
    ]

    init(_ headers: HTTPHeaders, userAgent: String) throws(HTTPClientError) {
        for field in headers.fields {
            guard Self.isToken(field.name), Self.isValue(field.value),
                !Self.reserved.contains(where: { HTTPHeaders.equal($0, field.name) })
            else { throw .headerRefused }
        }
        // A line "Name:" takes libcurl's own field away; "Name;" sends one without a value.
        append("Expect:")
        for (name, value) in [("User-Agent", userAgent), ("Accept", ""), ("Content-Type", "")]
        where headers.lookUp(name) == .absent {
            append(value.isEmpty ? "\(name):" : "\(name): \(value)")
        }
        for field in headers.fields {
            append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
    }

    deinit { unsafe curl_slist_free_all(list) }

    private func append(_ line: String) {
        guard let longer = unsafe curl_slist_append(list, line) else { fatalError("out of memory") }
        unsafe list = longer
    }

    /// RFC 9110 section 5.6.2.
    static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// RFC 9110 section 5.5, without the obsolete bytes above ASCII, and without blanks at the ends, which would not
    /// arrive.
    private static func isValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x09 }
            && !(value.utf8.first.map(isBlank) ?? false) && !(value.utf8.last.map(isBlank) ?? false)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
