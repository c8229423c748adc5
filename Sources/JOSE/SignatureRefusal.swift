package import Untrusted

/// Why the signature of a well-formed token is refused, in the order of the checks.
package enum SignatureRefusal: Error, Sendable, Hashable {
    /// The presented name is unknown, or the caller does not allow it.
    case algorithmNotAllowed(name: UntrustedText)
    /// No usable key of the set has the token's key id (or the token has none and no key fits): the set may be old.
    case unknownKey
    /// The key that the token names does not fit the token's algorithm, by its type, curve or `alg`.
    case keyMismatch
    /// Several different keys fit: the token names none, or the set has its id twice.
    case ambiguousKey
    case badSignature

    /// A stable name for logs and metrics.
    package var reason: String {
        switch self {
        case .algorithmNotAllowed: "algorithm_not_allowed"
        case .unknownKey: "unknown_key"
        case .keyMismatch: "key_mismatch"
        case .ambiguousKey: "ambiguous_key"
        case .badSignature: "bad_signature"
        }
    }
}

extension SignatureRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .algorithmNotAllowed(let name):
            "The token is signed with \(String(name.string.unicodeScalars.prefix(32)).debugDescription), which is not allowed."
        case .unknownKey: "No key of the issuer fits the key id in the token."
        case .keyMismatch: "The key that the token names is not meant for the token's algorithm."
        case .ambiguousKey:
            "Several different keys of the issuer fit the token, so which one signed it cannot be known."
        case .badSignature: "The token's signature is not valid."
        }
    }
}
