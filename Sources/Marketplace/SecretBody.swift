import HTTP
import JOSE
import SecretMemory
import Untrusted

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
                bytes += [
                    UInt8(ascii: "%"), Hexadecimal.digit(byte >> 4, .upper), Hexadecimal.digit(byte & 15, .upper),
                ]
            }
        }
    }

    /// A member of a JSON object of strings (RFC 8259 section 7), in names that need no escapes. `endObject` ends it.
    mutating func putMember(_ name: String, _ value: SecretBytes) {
        bytes += (bytes.isEmpty ? "{\"" : ",\"").utf8
        bytes += name.utf8
        bytes += "\":\"".utf8
        for position in 0..<value.count {
            let byte = value[position]
            if byte < 0x80 { JSONEscape.put(byte, inHTML: false, into: &bytes) } else { bytes.append(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func endObject() { bytes.append(UInt8(ascii: "}")) }
}
