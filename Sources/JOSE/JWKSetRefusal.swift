/// Why a whole key set is not taken, in the order of the checks.
package enum JWKSetRefusal: Error, Sendable, Hashable {
    /// Above `JWKSet.maximumCount` bytes.
    case tooLarge(bytes: Int)
    case json(JSONRefusal)
    /// `keys` is absent or not an array.
    case keysMissing
    /// Above `JWKSet.maximumKeys` entries.
    case tooManyKeys(count: Int)

    /// A stable name for logs and metrics.
    package var reason: String {
        switch self {
        case .tooLarge: "key_set_too_large"
        case .json(let refusal): "key_set_\(refusal.reason)"
        case .keysMissing: "key_set_keys_missing"
        case .tooManyKeys: "key_set_too_many_keys"
        }
    }
}

extension JWKSetRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let bytes): "The key set has \(bytes) bytes; at most \(JWKSet.maximumCount) are allowed."
        case .json(let refusal): "The key set is not acceptable JSON. \(refusal)"
        case .keysMissing: "The key set has no array named keys."
        case .tooManyKeys(let count): "The key set has \(count) keys; at most \(JWKSet.maximumKeys) are allowed."
        }
    }
}
