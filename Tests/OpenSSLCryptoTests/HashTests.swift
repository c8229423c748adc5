import OpenSSLCrypto
import SecretMemory
import Testing

@Suite struct `SHA-256 and HMAC` {
    /// FIPS 180-4 examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `hashes as published`(text: String, hash: String) {
        #expect(SHA256.hash(Array(text.utf8)) == bytes(hash))
        #expect(SHA256.hash(SecretBytes(text)) == bytes(hash))
    }

    /// RFC 4231 sections 4.2 to 4.5, 4.7 and 4.8.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            "0102030405060708090a0b0c0d0e0f10111213141516171819", [UInt8](repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            String(repeating: "aa", count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            String(repeating: "aa", count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. The key needs "
                    + "to be hashed before being used by the HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func `codes as published`(key: String, message: [UInt8], code: String) {
        let hmac = HMACKey(SecretBytes(bytes(key)))
        for _ in 0..<2 {
            #expect(hmac.code(for: message) == bytes(code))
            #expect(hmac.code(for: SecretBytes(message)) == bytes(code))
        }
    }

    @Test func `codes the empty message`() {
        let hmac = HMACKey(SecretBytes("key"))
        #expect(hmac.code(for: []) == hmac.code(for: SecretBytes([])))
        #expect(hmac.code(for: []).count == 32)
    }

    @Test func `RT-94 compares in constant time, by length and content`() {
        #expect(constantTimeEqual([UInt8](), []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(!constantTimeEqual([], [0]))
        #expect(constantTimeEqual(SecretBytes([]), SecretBytes([])))
        #expect(constantTimeEqual(SecretBytes("ab"), SecretBytes("ab")))
        #expect(!constantTimeEqual(SecretBytes("ab"), SecretBytes("aB")))
        #expect(!constantTimeEqual(SecretBytes("ab"), SecretBytes("abc")))
    }
}
