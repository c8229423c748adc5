internal import COpenSSL
import SecretMemory

/// Converts ECDSA signatures between JOSE's form, two numbers of fixed length (IEEE P1363), and OpenSSL's form,
/// `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3).
enum ECDSASignatureForm {
    /// The one DER form of two halves of equal length.
    static func sequence(_ halves: SecretBytes) -> [UInt8] {
        let half = halves.count / 2
        // With capacity for all tags, lengths and sign bytes: an array that grows leaves copies of a secret.
        var numbers: [UInt8] = []
        numbers.reserveCapacity(halves.count + 16)
        for range in [0..<half, half..<halves.count] {
            let first = range.first { halves[$0] != 0 } ?? range.upperBound - 1
            let isHigh = halves[first] & 0x80 != 0
            numbers += [0x02, UInt8(range.upperBound - first + (isHigh ? 1 : 0))]
            if isHigh { numbers.append(0) }
            for position in first..<range.upperBound { numbers.append(halves[position]) }
        }
        // Above 127 bytes, which only P-521 reaches, the length takes a byte of its own.
        let head = numbers.count < 0x80 ? [0x30, UInt8(numbers.count)] : [0x30, 0x81, UInt8(numbers.count)]
        numbers.insert(contentsOf: head, at: 0)
        return numbers
    }

    /// The halves of OpenSSL's form, `count` bytes each.
    static func halves(_ sequence: [UInt8], count: Int) -> [UInt8] {
        unsafe sequence.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            guard let signature = unsafe d2i_ECDSA_SIG(nil, &start, bytes.count) else {
                fatalError("OpenSSL failed in d2i_ECDSA_SIG.")
            }
            defer { unsafe ECDSA_SIG_free(signature) }
            return unsafe bigEndian(ECDSA_SIG_get0_r(signature), count: count)
                + bigEndian(ECDSA_SIG_get0_s(signature), count: count)
        }
    }

    /// A number in exactly `count` bytes.
    static func bigEndian(_ number: OpaquePointer?, count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe Int(BN_bn2binpad(number, buffer.baseAddress, Int32(count)))
        }
    }
}
