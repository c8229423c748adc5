import Foundation
import OpenSSLCrypto
import Testing

/// Signatures of Project Wycheproof, from the folder that GATEWAY_VECTORS names.
@Suite(.enabled(if: RSAVectors.folder != nil, "GATEWAY_VECTORS is not set."))
struct `Published RSA signatures` {
    @Test(arguments: [
        "rsa_signature_2048_sha256_test", "rsa_signature_3072_sha256_test", "rsa_signature_4096_sha256_test",
        "rsa_signature_8192_sha256_test",
    ])
    func `are judged as published`(file: String) throws {
        let folder = try #require(RSAVectors.folder)
        let url = URL(fileURLWithPath: "\(folder)/jose/wycheproof/\(file).json")
        let vectors = try JSONDecoder().decode(RSAVectors.self, from: Data(contentsOf: url))
        var count = 0
        for group in vectors.testGroups {
            let key = try RSAPublicKey(
                modulus: bytes(group.publicKey.modulus), exponent: bytes(group.publicKey.publicExponent))
            for test in group.tests {
                // "acceptable" is a DigestInfo without its NULL: not what RFC 8017 section 9.2 prescribes.
                let isValid = key.isValidSignature(bytes(test.sig), over: bytes(test.msg), using: .sha256)
                #expect(isValid == (test.result == "valid"), "case \(test.tcId): \(test.comment)")
                count += 1
            }
        }
        #expect(count > 200)
    }
}

private struct RSAVectors: Decodable {
    static let folder = ProcessInfo.processInfo.environment["GATEWAY_VECTORS"]

    struct Group: Decodable {
        let publicKey: Key
        let tests: [Case]
    }

    struct Key: Decodable {
        let modulus: String
        let publicExponent: String
    }

    struct Case: Decodable {
        let tcId: Int
        let comment: String
        let msg: String
        let sig: String
        let result: String
    }

    let testGroups: [Group]
}
