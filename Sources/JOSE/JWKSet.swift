package import SecretMemory
package import Untrusted

/// The keys of an issuer (RFC 7517 section 5).
package struct JWKSet: Sendable {
    /// The largest set, in bytes.
    package static let maximumCount = 256 * 1024
    /// The most entries of a set.
    package static let maximumKeys = 100

    /// An entry that is not used, and why.
    package struct SkippedKey: Sendable, Hashable {
        /// Its place in the set, from 0.
        package let index: Int
        /// Its `kid`, where that is a string.
        package let keyID: UntrustedText?
        package let reason: JWK.Refusal
    }

    /// The usable keys; there may be none.
    package let keys: [JWK]
    package let skipped: [SkippedKey]

    package init(parsing bytes: SecretBytes) throws(JWKSetRefusal) {
        guard bytes.count <= Self.maximumCount else { throw .tooLarge(bytes: bytes.count) }
        let object: JSONObject
        do { object = try JSONObject(parsing: bytes) } catch { throw .json(error) }
        guard case .array(let entries) = object["keys"] else { throw .keysMissing }
        guard entries.count <= Self.maximumKeys else { throw .tooManyKeys(count: entries.count) }
        var keys: [JWK] = []
        var skipped: [SkippedKey] = []
        for (index, entry) in entries.enumerated() {
            do throws(JWK.Refusal) {
                keys.append(try JWK(entry))
            } catch {
                var keyID: UntrustedText?
                if case .object(let members) = entry { keyID = members["kid"]?.text }
                skipped.append(SkippedKey(index: index, keyID: keyID, reason: error))
            }
        }
        self.keys = keys
        self.skipped = skipped
    }
}

/// Why a whole key set is refused, in the order of the checks.
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
