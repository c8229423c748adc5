internal import COpenSSL
package import SecretMemory

/// An RSA key that checks signatures.
package final class RSAPublicKey: Sendable {
    /// Accepted sizes of the modulus.
    package static let acceptedBits = 2048...8192

    /// The size of the modulus.
    package let bits: Int

    /// By digest, then padding.
    private let contexts: [[ContextPool]]

    /// Takes both numbers as big-endian bytes (RFC 7518 section 6.3.1); leading zeros do not count.
    package init(modulus: [UInt8], exponent: [UInt8]) throws(KeyRefusal) {
        let bits = Self.bitWidth(modulus)
        guard bits >= Self.acceptedBits.lowerBound else { throw .modulusTooSmall(bits: bits) }
        guard bits <= Self.acceptedBits.upperBound else { throw .modulusTooLarge(bits: bits) }
        guard modulus.last! & 1 == 1 else { throw .modulusEven }
        guard !WeakModulus.matches(modulus) else { throw .modulusWeak }
        let exponentBits = Self.bitWidth(exponent)
        guard exponentBits >= 2 else { throw .exponentTooSmall }
        guard exponentBits <= 64 else { throw .exponentTooLarge(bits: exponentBits) }
        guard exponent.last! & 1 == 1 else { throw .exponentEven }
        guard
            let key = unsafe PublicKeyHandle(
                owning: gateway_rsa_public_key(modulus, Int32(modulus.count), exponent, Int32(exponent.count)))
        else { throw .notAccepted }
        self.bits = bits
        contexts = SignatureDigest.allCases.map { digest in
            RSAPadding.allCases.map { padding in
                unsafe key.contexts(digest) { context in unsafe padding.prepare(context, digest) }
            }
        }
    }

    /// Whether this key made `signature` over `message`. The signature must be exactly as long as the modulus.
    package func isValidSignature(
        _ signature: SecretBytes, over message: SecretBytes, using digest: SignatureDigest,
        padding: RSAPadding = .pkcs1
    ) -> Bool {
        guard signature.count == (bits + 7) / 8 else { return false }
        let hash = unsafe message.withUnsafeBytes { unsafe digest.hash($0) }
        return unsafe signature.withUnsafeBytes { bytes in
            unsafe contexts[digest.rawValue][padding.rawValue].isValidSignature(bytes, over: hash)
        }
    }

    /// For bytes that are not secret.
    package func isValidSignature(
        _ signature: [UInt8], over message: [UInt8], using digest: SignatureDigest, padding: RSAPadding = .pkcs1
    ) -> Bool {
        isValidSignature(SecretBytes(signature), over: SecretBytes(message), using: digest, padding: padding)
    }

    private static func bitWidth(_ number: [UInt8]) -> Int {
        guard let first = number.firstIndex(where: { $0 != 0 }) else { return 0 }
        return (number.count - first) * 8 - number[first].leadingZeroBitCount
    }
}

/// Detects RSA moduli of the ROCA family (CVE-2017-15361), which can be factored. One chip vendor's primes were
/// k·M + (65537^a mod M), with M a product of small primes. Modulo each of those small primes such a modulus is a power of
/// 65537; about one in 2²⁷ other moduli is too.
enum WeakModulus {
    private static let smallPrimes: [Int] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
        113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ]

    /// For each small prime the remainders of the powers of 65537.
    private static let powers: [(prime: Int, remainders: Set<Int>)] = smallPrimes.map { prime in
        var remainders: Set<Int> = []
        var power = 1
        while remainders.insert(power).inserted { power = power * 65537 % prime }
        return (prime, remainders)
    }

    static func matches(_ modulus: [UInt8]) -> Bool {
        powers.allSatisfy { prime, remainders in
            remainders.contains(modulus.reduce(0) { ($0 << 8 | Int($1)) % prime })
        }
    }
}
