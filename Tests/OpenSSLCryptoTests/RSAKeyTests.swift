import SecretMemory
import Testing

@testable import OpenSSLCrypto

@Suite struct `RSA keys` {
    private static let pair = RSAPrivateKey.generate(bits: 2048)
    private static let message = Array("header.payload".utf8)

    private func publicKey(_ pair: RSAPrivateKey = pair) throws -> RSAPublicKey {
        try RSAPublicKey(modulus: pair.modulus, exponent: pair.exponent)
    }

    @Test(arguments: [2048, 3072])
    func `check what their other half signed`(bits: Int) throws {
        let pair = RSAPrivateKey.generate(bits: bits)
        let key = try publicKey(pair)
        #expect(key.bits == bits)
        let signature = pair.sign(Self.message)
        #expect(signature.count == bits / 8)
        for _ in 0..<3 {
            #expect(key.isValidSignature(signature, over: Self.message, using: .sha256))
            #expect(key.isValidSignature(SecretBytes(signature), over: SecretBytes(Self.message), using: .sha256))
            #expect(!key.isValidSignature(signature, over: Self.message + [0], using: .sha256))
            #expect(!key.isValidSignature(signature, over: [], using: .sha256))
        }
        #expect(isErrorQueueEmpty())
    }

    @Test func `RT-80 refuse a signature with any bit changed, and accept the next good one`() throws {
        let key = try publicKey()
        let signature = Self.pair.sign(Self.message)
        for position in signature.indices {
            for bit in 0..<8 {
                var damaged = signature
                damaged[position] ^= 1 << bit
                #expect(!key.isValidSignature(damaged, over: Self.message, using: .sha256))
            }
        }
        #expect(isErrorQueueEmpty())
        #expect(key.isValidSignature(signature, over: Self.message, using: .sha256))
    }

    @Test func `refuse a signature of any other length`() throws {
        let key = try publicKey()
        let signature = Self.pair.sign(Self.message)
        for other in [[], [0] + signature, signature + [0], Array(signature.dropLast()), Array(signature.dropFirst())] {
            #expect(!key.isValidSignature(other, over: Self.message, using: .sha256))
        }
        #expect(isErrorQueueEmpty())
    }

    @Test func `refuse another key's signature`() throws {
        let key = try publicKey(RSAPrivateKey.generate(bits: 2048))
        #expect(!key.isValidSignature(Self.pair.sign(Self.message), over: Self.message, using: .sha256))
    }

    /// A number of exactly that many bits, with the given last byte.
    private static func number(bits: Int, last: UInt8) -> [UInt8] {
        var number = [UInt8](repeating: 0, count: (bits + 7) / 8)
        number[0] = 1 << UInt8((bits - 1) % 8)
        number[number.count - 1] |= last
        return number
    }

    @Test(
        arguments: [
            (2048, 1, KeyRefusal?.none), (2047, 1, .modulusTooSmall(bits: 2047)),
            (1024, 1, .modulusTooSmall(bits: 1024)),
            (8, 1, .modulusTooSmall(bits: 8)), (8192, 1, nil), (8193, 1, .modulusTooLarge(bits: 8193)),
            (16384, 1, .modulusTooLarge(bits: 16384)), (2048, 0, .modulusEven),
        ] as [(Int, UInt8, KeyRefusal?)])
    func `have 2048 to 8192 bits and an odd modulus`(bits: Int, last: UInt8, refusal: KeyRefusal?) {
        let modulus = Self.number(bits: bits, last: last)
        #expect(Self.refusal(modulus, [1, 0, 1]) == refusal)
        #expect(Self.refusal([0, 0] + modulus, [1, 0, 1]) == refusal)
    }

    @Test(
        arguments: [
            ([3], nil), ([1, 0, 1], nil), ([0, 0, 0, 0, 0, 0, 1, 0, 1], nil),
            ([255, 255, 255, 255, 255, 255, 255, 255], nil),
            ([], .exponentTooSmall), ([0], .exponentTooSmall), ([1], .exponentTooSmall), ([2], .exponentEven),
            ([1, 0, 0], .exponentEven), ([1, 0, 0, 0, 0, 0, 0, 0, 1], .exponentTooLarge(bits: 65)),
        ] as [([UInt8], KeyRefusal?)])
    func `have an odd exponent of 3 to 64 bits`(exponent: [UInt8], refusal: KeyRefusal?) {
        #expect(Self.refusal(Self.pair.modulus, exponent) == refusal)
        #expect(isErrorQueueEmpty())
    }

    @Test func `are not made from nothing`() {
        #expect(Self.refusal([], [1, 0, 1]) == .modulusTooSmall(bits: 0))
        #expect(Self.refusal([0, 0], [1, 0, 1]) == .modulusTooSmall(bits: 0))
    }

    private static func refusal(_ modulus: [UInt8], _ exponent: [UInt8]) -> KeyRefusal? {
        do {
            _ = try RSAPublicKey(modulus: modulus, exponent: exponent)
            return nil
        } catch {
            return error
        }
    }

    @Test func `show their public half as PEM`() {
        let text = Self.pair.publicPEM
        #expect(text.hasPrefix("-----BEGIN PUBLIC KEY-----\n"))
        #expect(text.hasSuffix("-----END PUBLIC KEY-----\n"))
        #expect(Self.pair.exponent == [1, 0, 1])
        #expect(Self.pair.modulus.count == 256)
    }

    @Test func `RT-71 serve many tasks at once`() async throws {
        let key = try publicKey()
        let signature = Self.pair.sign(Self.message)
        let correct = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    key.isValidSignature(signature, over: Self.message, using: .sha256)
                        && !key.isValidSignature(signature, over: [1], using: .sha256)
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(correct)
    }
}

@Suite struct `Random bytes and the library` {
    @Test func `are as many as asked for and never the same`() {
        #expect(SecureRandom.bytes(0) == [])
        #expect(Set((0..<1000).map { _ in SecureRandom.bytes(16) }).count == 1000)
    }

    @Test func `tells its version`() {
        #expect(LinkedLibrary.openSSL.hasPrefix("OpenSSL 3."))
    }
}
