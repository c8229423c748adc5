import HTTP
import SecretMemory

/// A request body with secrets in it, written byte by byte so that none of them becomes a string that nobody can
/// cleanse.
struct SecretBody {
    private var bytes: [UInt8] = []

    /// Takes room for everything at once, so that growing leaves no stale copy behind. `longest`: the bytes of all names
    /// and values together; each may become six.
    init(longest: Int) { bytes.reserveCapacity(256 + 6 * longest) }

    /// The body, whole; what it was written in is overwritten.
    mutating func take() -> SecretBytes {
        defer { bytes.cleanse() }
        return SecretBytes(bytes)
    }

    /// A pair of a form (WHATWG URL section 5.2), everything but the unreserved percent-encoded.
    mutating func putField(_ name: String, _ value: SecretBytes) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        bytes += PercentEncoding.encode(name).utf8
        bytes.append(UInt8(ascii: "="))
        for position in 0..<value.count {
            let byte = value[position]
            if PercentEncoding.isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), Self.digit(byte >> 4), Self.digit(byte & 15)]
            }
        }
    }

    /// A member of a JSON object of strings (RFC 8259 section 7), in names that need no escapes. `endObject` ends it.
    mutating func putMember(_ name: String, _ value: SecretBytes) {
        bytes += (bytes.isEmpty ? "{\"" : ",\"").utf8
        bytes += name.utf8
        bytes += "\":\"".utf8
        if value.withSpan({ ByteSet.plainInJSON.containsAll($0) }) {
            unsafe value.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        } else {
            putEscaped(value)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func putEscaped(_ value: SecretBytes) {
        for position in 0..<value.count {
            switch value[position] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), value[position]]
            case 0..<0x20:
                bytes += "\\u00".utf8
                bytes += [Self.digit(value[position] >> 4), Self.digit(value[position] & 15)]
            default: bytes.append(value[position])
            }
        }
    }

    mutating func endObject() { bytes.append(UInt8(ascii: "}")) }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
