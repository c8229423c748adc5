import OpenSSLCrypto
import Testing

@Suite(.enabled(if: SignatureVectors.folder != nil, "GATEWAY_VECTORS is not set."))
struct `Published signatures` {
    struct RSAFile: Sendable, CustomTestStringConvertible {
        let name: String
        let digest: SignatureDigest
        var padding = RSAPadding.pkcs1
        let count: Int
        /// Of a file for another scheme than RFC 7518's: the cases that happen to be by ours.
        var validByChance: Set<Int>?

        var testDescription: String { name }
    }

    @Test(arguments: [
        RSAFile(name: "rsa_signature_2048_sha256", digest: .sha256, count: 259),
        RSAFile(name: "rsa_signature_2048_sha384", digest: .sha384, count: 258),
        RSAFile(name: "rsa_signature_2048_sha512", digest: .sha512, count: 259),
        RSAFile(name: "rsa_signature_3072_sha256", digest: .sha256, count: 259),
        RSAFile(name: "rsa_signature_4096_sha256", digest: .sha256, count: 258),
        RSAFile(name: "rsa_signature_8192_sha256", digest: .sha256, count: 258),
        RSAFile(name: "rsa_pss_2048_sha256_mgf1_32", digest: .sha256, padding: .pss, count: 108),
        RSAFile(name: "rsa_pss_2048_sha384_mgf1_48", digest: .sha384, padding: .pss, count: 141),
        RSAFile(name: "rsa_pss_3072_sha256_mgf1_32", digest: .sha256, padding: .pss, count: 108),
        RSAFile(name: "rsa_pss_4096_sha256_mgf1_32", digest: .sha256, padding: .pss, count: 108),
        RSAFile(name: "rsa_pss_4096_sha512_mgf1_64", digest: .sha512, padding: .pss, count: 179),
        // A salt of 0 bytes, and MGF1 with SHA-1: RFC 7518 section 3.5 allows neither. In the first, case 69 is
        // about a salt of 32 bytes, wrong there and right here.
        RSAFile(name: "rsa_pss_2048_sha256_mgf1_0", digest: .sha256, padding: .pss, count: 103, validByChance: [69]),
        RSAFile(name: "rsa_pss_2048_sha256_mgf1sha1_20", digest: .sha256, padding: .pss, count: 108, validByChance: []),
    ])
    func `by RSA are judged as published`(file: RSAFile) throws {
        let count = try SignatureVectors.judge(file.name) { parts in
            let key = try RSAPublicKey(
                modulus: bytes(#require(parts.modulus)), exponent: bytes(#require(parts.publicExponent)))
            return { signature, message, test in
                // "acceptable" is a DigestInfo without its NULL: not what RFC 8017 section 9.2 prescribes.
                let isExpected = file.validByChance?.contains(test.tcId) ?? (test.result == "valid")
                let isValid = key.isValidSignature(
                    signature, over: message, using: file.digest, padding: file.padding)
                #expect(isValid == isExpected, "case \(test.tcId): \(test.comment)")
            }
        }
        #expect(count == file.count)
    }

    static func key(_ curve: EllipticCurve, _ parts: SignatureVectors.Key) throws -> ECPublicKey {
        let point = try bytes(#require(parts.uncompressed))
        #expect(point.count == 1 + 2 * curve.coordinateCount && point[0] == 4)
        return try ECPublicKey(
            curve: curve, x: Array(point[1...curve.coordinateCount]), y: Array(point[(1 + curve.coordinateCount)...]))
    }

    @Test(
        arguments: [
            ("ecdsa_secp256r1_sha256_p1363", .p256, 262), ("ecdsa_secp384r1_sha384_p1363", .p384, 280),
            ("ecdsa_secp521r1_sha512_p1363", .p521, 318),
        ] as [(String, EllipticCurve, Int)])
    func `by ECDSA are judged as published`(file: String, curve: EllipticCurve, expected: Int) throws {
        let count = try SignatureVectors.judge(file) { parts in
            let key = try Self.key(curve, parts)
            return { signature, message, test in
                let isValid = key.isValidSignature(signature, over: message)
                #expect(isValid == (test.result == "valid"), "case \(test.tcId): \(test.comment)")
            }
        }
        #expect(count == expected)
    }

    /// JOSE's signatures are no ASN.1 (RFC 7518 section 3.4), so every one is refused as it is; the strictly encoded
    /// ones are judged as published once their numbers stand in JOSE's form.
    @Test func `by ECDSA in ASN.1 are no signatures until they are rewritten`() throws {
        var rewritten = 0
        let count = try SignatureVectors.judge("ecdsa_secp256r1_sha256") { parts in
            let key = try Self.key(.p256, parts)
            return { signature, message, test in
                #expect(!key.isValidSignature(signature, over: message), "case \(test.tcId)")
                let halves = Self.halves(signature)
                if test.result == "valid" { #expect(halves != nil, "case \(test.tcId)") }
                guard let halves else { return }
                rewritten += 1
                let isValid = key.isValidSignature(halves, over: message)
                #expect(isValid == (test.result == "valid"), "case \(test.tcId): \(test.comment)")
            }
        }
        #expect(count == 484)
        #expect(rewritten > 174)
    }

    /// Two numbers of at most 32 bytes in the one DER form, padded.
    private static func halves(_ sequence: [UInt8]) -> [UInt8]? {
        guard sequence.count >= 8, sequence[0] == 0x30, Int(sequence[1]) == sequence.count - 2 else { return nil }
        var rest = sequence[2...]
        var halves: [UInt8] = []
        for _ in 0..<2 {
            guard rest.count > 2, rest.removeFirst() == 0x02 else { return nil }
            let count = Int(rest.removeFirst())
            guard (1...33).contains(count), rest.count >= count else { return nil }
            var number = rest.prefix(count)
            rest = rest.dropFirst(count)
            let hasSignByte = number.first == 0 && count > 1
            if hasSignByte { number.removeFirst() }
            guard number.count <= 32, (number.first! & 0x80 != 0) == hasSignByte else { return nil }
            halves += [UInt8](repeating: 0, count: 32 - number.count) + number
        }
        return rest.isEmpty ? halves : nil
    }

    @Test func `by Ed25519 are judged as published`() throws {
        let count = try SignatureVectors.judge("ed25519") { parts in
            let key = try Ed25519PublicKey(bytes(#require(parts.pk)))
            return { signature, message, test in
                let isValid = key.isValidSignature(signature, over: message)
                #expect(isValid == (test.result == "valid"), "case \(test.tcId): \(test.comment)")
            }
        }
        #expect(count == 151)
    }
}
