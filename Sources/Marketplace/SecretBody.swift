import HTTP
import JOSE
import SecretMemory
import Untrusted

/// A request body with secrets, written byte by byte: a string could not be overwritten.
struct SecretBody {
    private var bytes: [UInt8] = []

    /// Reserves all capacity at once, because an array that grows leaves copies. `longest`: the bytes of all names and values
    /// together; each may become six.
    init(longest: Int) { bytes.reserveCapacity(256 + 6 * longest) }

    /// The whole body; the working copy is overwritten.
    mutating func take() -> SecretBytes {
        defer { bytes.cleanse() }
        return SecretBytes(bytes)
    }

    /// A pair of a form (WHATWG URL section 5.2).
    mutating func putField(_ name: String, _ value: SecretBytes) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        bytes += PercentEncoding.encode(name).utf8
        bytes.append(UInt8(ascii: "="))
        for position in 0..<value.count {
            PercentEncoding.append(value[position], keeping: .unreserved, to: &bytes)
        }
    }

    /// A member of a JSON object of strings (RFC 8259 section 7). `name` must need no escapes. `endObject` ends the object.
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
