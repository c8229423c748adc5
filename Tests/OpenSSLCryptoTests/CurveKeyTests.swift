import SecretMemory
import Testing

@testable import OpenSSLCrypto

@Suite struct `Keys on curves` {
    private static let message = Array("header.payload".utf8)

    @Test(arguments: EllipticCurve.allCases)
    func `check what their other half signed`(curve: EllipticCurve) throws {
        let pair = ECPrivateKey.generate(curve)
        let key = try ECPublicKey(curve: curve, x: pair.x, y: pair.y)
        for _ in 0..<50 {
            let signature = pair.sign(Self.message)
            #expect(signature.count == 2 * curve.coordinateCount)
            #expect(key.isValidSignature(signature, over: Self.message))
            #expect(!key.isValidSignature(signature, over: Self.message + [0]))
            #expect(!key.isValidSignature(signature + [0], over: Self.message))
            #expect(!key.isValidSignature(Array(signature.dropLast()), over: Self.message))
        }
        for other in [[], [UInt8](repeating: 0, count: 2 * curve.coordinateCount)] {
            #expect(!key.isValidSignature(other, over: Self.message))
        }
        #expect(isErrorQueueEmpty())
    }

    @Test(arguments: EllipticCurve.allCases)
    func `are points of their own curve`(curve: EllipticCurve) throws {
        let pair = ECPrivateKey.generate(curve)
        var y = pair.y
        y[y.count - 1] ^= 1
        #expect(throws: KeyRefusal.notOnCurve) { try ECPublicKey(curve: curve, x: pair.x, y: y) }
        let zero = [UInt8](repeating: 0, count: curve.coordinateCount)
        #expect(throws: KeyRefusal.notOnCurve) { try ECPublicKey(curve: curve, x: zero, y: zero) }
        let most = [UInt8](repeating: 255, count: curve.coordinateCount)
        #expect(throws: KeyRefusal.notOnCurve) { try ECPublicKey(curve: curve, x: most, y: pair.y) }
        let short = Array(pair.x.dropFirst())
        #expect(throws: KeyRefusal.length(bytes: short.count, needed: short.count + 1)) {
            try ECPublicKey(curve: curve, x: short, y: pair.y)
        }
        #expect(throws: KeyRefusal.length(bytes: short.count + 2, needed: short.count + 1)) {
            try ECPublicKey(curve: curve, x: pair.x, y: [0] + pair.y)
        }
        #expect(isErrorQueueEmpty())
        #expect(pair.publicPEM.hasPrefix("-----BEGIN PUBLIC KEY-----\n"))
    }

    @Test(
        arguments: [
            ([1, 2], [0x30, 6, 2, 1, 1, 2, 1, 2]), ([0, 0], [0x30, 6, 2, 1, 0, 2, 1, 0]),
            ([0x80, 0x7f], [0x30, 7, 2, 2, 0, 0x80, 2, 1, 0x7f]),
            ([0, 0, 1, 0, 0x80, 0], [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]),
        ] as [([UInt8], [UInt8])])
    func `hand OpenSSL the one DER form`(halves: [UInt8], sequence: [UInt8]) {
        #expect(ECDSASignatureForm.sequence(SecretBytes(halves)) == sequence)
    }

    @Test(arguments: [32, 48, 66])
    func `return the halves of any DER form unchanged`(count: Int) {
        var generator = SystemRandomNumberGenerator()
        for zeros in 0..<count {
            var halves = (0..<2 * count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            for position in 0..<zeros { halves[position] = 0 }
            for position in 0..<zeros / 2 { halves[count + position] = 0 }
            #expect(ECDSASignatureForm.halves(ECDSASignatureForm.sequence(SecretBytes(halves)), count: count) == halves)
        }
    }

    @Test func `check what Ed25519 signed, and nothing of another length`() throws {
        let pair = Ed25519PrivateKey.generate()
        let key = try Ed25519PublicKey(pair.publicBytes)
        let signature = pair.sign(Self.message)
        #expect(signature.count == 64)
        for _ in 0..<3 {
            #expect(key.isValidSignature(signature, over: Self.message))
            #expect(!key.isValidSignature(signature, over: Self.message + [0]))
        }
        for other in [[], signature + [0], Array(signature.dropLast()), [UInt8](repeating: 0, count: 64)] {
            #expect(!key.isValidSignature(other, over: Self.message))
        }
        #expect(key.isValidSignature(pair.sign([]), over: []))
        for count in [0, 31, 33, 64] {
            #expect(throws: KeyRefusal.length(bytes: count, needed: 32)) {
                try Ed25519PublicKey([UInt8](repeating: 1, count: count))
            }
        }
        #expect(isErrorQueueEmpty())
    }

    @Test(arguments: SignatureDigest.allCases, RSAPadding.allCases)
    func `RSA checks by hash and padding, and confuses none of them`(digest: SignatureDigest, padding: RSAPadding)
        throws
    {
        let pair = Self.rsa
        let key = try RSAPublicKey(modulus: pair.modulus, exponent: pair.exponent)
        let signature = pair.sign(Self.message, using: digest, padding: padding)
        for otherDigest in SignatureDigest.allCases {
            for otherPadding in RSAPadding.allCases {
                let isValid = key.isValidSignature(
                    signature, over: Self.message, using: otherDigest, padding: otherPadding)
                #expect(isValid == (otherDigest == digest && otherPadding == padding))
            }
        }
        #expect(isErrorQueueEmpty())
    }

    private static let rsa = RSAPrivateKey.generate(bits: 2048)

    @Test func `of the ROCA family are refused, and no others`() throws {
        // 65537 is a power of itself modulo everything.
        #expect(WeakModulus.matches([1, 0, 1]))
        for _ in 0..<20 {
            #expect(!WeakModulus.matches((0..<256).map { _ in UInt8.random(in: .min ... .max) }))
        }
    }
}
