import SecretMemory
import Testing

@testable import OpenSSLCrypto

@Suite struct `Sealing key` {
    private let key = SealingKey(SecretBytes(SecureRandom.bytes(SealingKey.count)))
    private let purpose = Array("session".utf8)

    @Test(arguments: [0, 1, 15, 16, 17, 300, 4096])
    func `opens what it sealed`(count: Int) {
        let content = SecureRandom.bytes(count)
        let sealed = key.seal(content, authenticating: purpose)
        #expect(sealed.count == content.count + 28)
        #expect(key.open(sealed, authenticating: purpose) == content)
    }

    @Test func `opens what it sealed for an empty purpose`() {
        #expect(key.open(key.seal([1], authenticating: []), authenticating: []) == [1])
        #expect(key.open(key.seal([], authenticating: []), authenticating: []) == [])
    }

    /// The nonce is what must differ: sorted, so that a million of them are compared in little memory.
    @Test func `RT-52 no nonce comes twice in 2²⁰ seals of the same content`() {
        struct Nonce: Equatable, Comparable {
            let high: UInt64
            let low: UInt32
            static func < (one: Nonce, other: Nonce) -> Bool { (one.high, one.low) < (other.high, other.low) }
        }
        var nonces = (0..<(1 << 20)).map { _ in
            let sealed = key.seal([1, 2, 3], authenticating: purpose)
            return Nonce(
                high: sealed[0..<8].reduce(0) { $0 << 8 | UInt64($1) },
                low: sealed[8..<12].reduce(0) { $0 << 8 | UInt32($1) })
        }
        nonces.sort()
        #expect(zip(nonces, nonces.dropFirst()).allSatisfy { $0 != $1 })
    }

    @Test func `RT-52 refuses a value sealed for another purpose`() {
        let sealed = key.seal([1, 2, 3], authenticating: purpose)
        #expect(key.open(sealed, authenticating: Array("state".utf8)) == nil)
        #expect(key.open(sealed, authenticating: []) == nil)
        #expect(key.open(sealed, authenticating: purpose + [0]) == nil)
        #expect(isErrorQueueEmpty())
    }

    @Test func `refuses a value sealed with another key`() {
        let other = SealingKey(SecretBytes(SecureRandom.bytes(32)))
        #expect(other.open(key.seal([1, 2, 3], authenticating: purpose), authenticating: purpose) == nil)
    }

    @Test func `refuses a value with any bit changed, and opens the next one`() {
        let content = Array("a session of forty bytes, more or less".utf8)
        let sealed = key.seal(content, authenticating: purpose)
        for position in sealed.indices {
            for bit in 0..<8 {
                var damaged = sealed
                damaged[position] ^= 1 << bit
                #expect(key.open(damaged, authenticating: purpose) == nil)
            }
        }
        #expect(key.open(sealed, authenticating: purpose) == content)
        #expect(isErrorQueueEmpty())
    }

    @Test func `refuses every truncation and every extension`() {
        let sealed = key.seal([1, 2, 3], authenticating: purpose)
        for count in 0..<sealed.count { #expect(key.open(Array(sealed.prefix(count)), authenticating: purpose) == nil) }
        #expect(key.open(sealed + [0], authenticating: purpose) == nil)
        #expect(key.open([0] + sealed, authenticating: purpose) == nil)
    }

    struct KnownAnswer: Sendable {
        let key, nonce, purpose, content, ciphertext, tag: String
    }

    /// The 256-bit cases with a 96-bit nonce of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
    @Test(arguments: [
        KnownAnswer(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12), purpose: "",
            content: "", ciphertext: "", tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        KnownAnswer(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12), purpose: "",
            content: String(repeating: "00", count: 16), ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
            tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        KnownAnswer(
            key: String(repeating: "feffe9928665731c6d6a8f9467308308", count: 2), nonce: "cafebabefacedbaddecaf888",
            purpose: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            content: """
                d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
                """,
            ciphertext: """
                522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
                """, tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
    ])
    func `opens the known answers of AES-256-GCM`(answer: KnownAnswer) {
        let key = SealingKey(SecretBytes(bytes(answer.key)))
        let sealed = bytes(answer.nonce + answer.ciphertext + answer.tag)
        #expect(key.open(sealed, authenticating: bytes(answer.purpose)) == bytes(answer.content))
    }

    @Test func `serves many tasks at once`() async {
        let key = key
        let correct = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    (0..<50).allSatisfy { round in
                        let content = [UInt8](repeating: UInt8(number), count: round)
                        let sealed = key.seal(content, authenticating: [UInt8(round)])
                        return key.open(sealed, authenticating: [UInt8(round)]) == content
                            && key.open(sealed, authenticating: [255]) == nil
                    }
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(correct)
    }
}
