import Untrusted

/// Percent-encoding (RFC 3986 section 2.1).
package enum PercentEncoding {
    /// A `%` that is not followed by two hexadecimal digits.
    package struct Malformed: Error {}

    package static func decode(_ bytes: [UInt8]) throws(Malformed) -> [UInt8] {
        var decoded = bytes
        try decode(&decoded)
        return decoded
    }

    /// In place; the unused rest is overwritten with zeros.
    package static func decode(_ bytes: inout [UInt8]) throws(Malformed) {
        guard var position = bytes.firstIndex(of: UInt8(ascii: "%")) else { return }
        var end = position
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "%") {
                guard position + 2 < bytes.count, let high = Hexadecimal.value(bytes[position + 1]),
                    let low = Hexadecimal.value(bytes[position + 2])
                else { throw Malformed() }
                bytes[end] = high << 4 | low
                position += 3
            } else {
                bytes[end] = bytes[position]
                position += 1
            }
            end += 1
        }
        for rest in end..<bytes.count { bytes[rest] = 0 }
        bytes.removeLast(bytes.count - end)
    }

    /// Decodes like a tolerant reader: every other `%` stays. Bytes that decode to `kept` stay encoded.
    package static func decodeWherePossible(_ bytes: [UInt8], keeping kept: UInt8? = nil) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "%"), let byte = encodedByte(in: bytes, at: position + 1), byte != kept {
                decoded.append(byte)
                position += 3
            } else {
                decoded.append(bytes[position])
                position += 1
            }
        }
        return decoded
    }

    private static func encodedByte(in bytes: [UInt8], at position: Int) -> UInt8? {
        guard position + 1 < bytes.count, let high = Hexadecimal.value(bytes[position]),
            let low = Hexadecimal.value(bytes[position + 1])
        else { return nil }
        return high << 4 | low
    }

    /// Encodes everything but unreserved characters (RFC 3986 section 2.3): safe as a path segment, a query value or a header
    /// value.
    package static func encode(_ text: String) -> String {
        encode(text, keeping: .unreserved)
    }

    package static func encode(_ text: String, keeping kept: ByteSet) -> String {
        kept.containsAll(text) ? text : encode(text.utf8, keeping: kept)
    }

    package static func encode(_ bytes: some Sequence<UInt8>, keeping kept: ByteSet) -> String {
        var encoded: [UInt8] = []
        for byte in bytes { append(byte, keeping: kept, to: &encoded) }
        return String(decoding: encoded, as: UTF8.self)
    }

    package static func append(_ byte: UInt8, keeping kept: ByteSet, to encoded: inout [UInt8]) {
        if kept.contains(byte) { return encoded.append(byte) }
        encoded += [UInt8(ascii: "%"), Hexadecimal.digit(byte >> 4, .upper), Hexadecimal.digit(byte & 15, .upper)]
    }

    package static func isUnreserved(_ byte: UInt8) -> Bool { ByteSet.unreserved.contains(byte) }
}
