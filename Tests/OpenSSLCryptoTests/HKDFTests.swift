import OpenSSLCrypto
import SecretMemory
import Testing

@Suite struct `Derived keys` {
    struct KnownAnswer: Sendable {
        let secret: [UInt8]
        let salt: [UInt8]
        let info: [UInt8]
        let output: String
    }

    /// RFC 5869 appendices A.1 to A.3.
    @Test(arguments: [
        KnownAnswer(
            secret: [UInt8](repeating: 0x0b, count: 22), salt: Array(0x00...0x0c), info: Array(0xf0...0xf9),
            output: """
                3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf\
                34007208d5b887185865
                """),
        KnownAnswer(
            secret: Array(0x00...0x4f), salt: Array(0x60...0xaf), info: Array(0xb0...0xff),
            output: """
                b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
                59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
                cc30c58179ec3e87c14c01d5c1f3434f1d87
                """),
        KnownAnswer(
            secret: [UInt8](repeating: 0x0b, count: 22), salt: [], info: [],
            output: """
                8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d\
                9d201395faa4b61a96c8
                """),
    ])
    func `derives as published`(answer: KnownAnswer) {
        let expected = bytes(answer.output)
        let secret = SecretBytes(answer.secret)
        let derived = HKDF.derive(from: secret, salt: answer.salt, info: answer.info, count: expected.count)
        #expect(derived.exposedBytes == expected)
        if answer.salt.isEmpty && answer.info.isEmpty {
            #expect(HKDF.derive(from: secret, label: "", count: 42).exposedBytes == expected)
        }
    }

    @Test func `gives every label a key of its own`() {
        let secret = SecretBytes("one secret of the configuration")
        let keys = ["session", "state", "Session", ""].map {
            HKDF.derive(from: secret, label: $0, count: 32).exposedBytes
        }
        #expect(Set(keys).count == 4)
        #expect(HKDF.derive(from: secret, label: "session", count: 32).exposedBytes == keys[0])
    }
}
