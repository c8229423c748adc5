/// Why a public key is not used, in the order of the checks.
package enum KeyRefusal: Error, Sendable, Hashable {
    /// Below 2048 bits.
    case modulusTooSmall(bits: Int)
    /// Above 8192 bits: a check would take too long.
    case modulusTooLarge(bits: Int)
    case modulusEven
    /// Made by a generator whose moduli can be factored (CVE-2017-15361).
    case modulusWeak
    /// Below 3.
    case exponentTooSmall
    /// Above 64 bits: a check would take too long.
    case exponentTooLarge(bits: Int)
    case exponentEven
    /// A coordinate or a raw key has the wrong length for its curve.
    case length(bytes: Int, needed: Int)
    /// The coordinates are not a point of the curve.
    case notOnCurve
    /// OpenSSL does not accept the key.
    case notAccepted

    /// A stable name for logs and metrics.
    package var reason: String {
        switch self {
        case .modulusTooSmall: "modulus_too_small"
        case .modulusTooLarge: "modulus_too_large"
        case .modulusEven: "modulus_even"
        case .modulusWeak: "modulus_weak"
        case .exponentTooSmall: "exponent_too_small"
        case .exponentTooLarge: "exponent_too_large"
        case .exponentEven: "exponent_even"
        case .length: "key_length"
        case .notOnCurve: "not_on_curve"
        case .notAccepted: "key_not_accepted"
        }
    }
}

extension KeyRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .modulusTooSmall(let bits): "The RSA modulus has \(bits) bits; at least 2048 are needed."
        case .modulusTooLarge(let bits): "The RSA modulus has \(bits) bits; at most 8192 are allowed."
        case .modulusEven: "The RSA modulus is even, so it is not the product of two large primes."
        case .modulusWeak: "The RSA modulus has the form of a generator whose moduli can be factored (CVE-2017-15361)."
        case .exponentTooSmall: "The RSA public exponent is below 3."
        case .exponentTooLarge(let bits): "The RSA public exponent has \(bits) bits; at most 64 are allowed."
        case .exponentEven: "The RSA public exponent is even."
        case .length(let bytes, let needed):
            "A number of the key has \(bytes) bytes; its curve needs exactly \(needed)."
        case .notOnCurve: "The key's coordinates are not a point of its curve."
        case .notAccepted: "OpenSSL does not accept the key."
        }
    }
}
