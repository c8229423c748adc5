package import SecretMemory
package import Untrusted

/// A token with a valid signature by a key of a set. Only `JWKSet.verify` makes one.
package struct VerifiedJWS: Sendable {
    /// The decoded payload. Its content is not checked yet.
    package let payload: SecretBytes
    package let header: JSONObject
    package let algorithm: SignatureAlgorithm
    /// The `kid` of the key that signed.
    package let keyID: UntrustedText?

    fileprivate init(_ jws: UnverifiedJWS, by algorithm: SignatureAlgorithm, with key: JWK) {
        payload = jws.payload
        header = jws.header
        self.algorithm = algorithm
        keyID = key.keyID
    }
}

extension JWKSet {
    /// Checks the signature with the key that the token names; a token without `kid` is accepted only where exactly one key
    /// fits. The algorithm must be one of `algorithms`.
    ///
    /// Only after `.unknownKey` can a new fetch of the set help.
    package func verify(
        _ jws: UnverifiedJWS, algorithms: Set<SignatureAlgorithm>
    ) throws(SignatureRefusal) -> VerifiedJWS {
        guard let algorithm = algorithms.first(where: { jws.algorithm.equals($0.name) }) else {
            throw .algorithmNotAllowed(name: jws.algorithm)
        }
        let key = try key(named: jws.keyID, for: algorithm)
        guard key.material.isValidSignature(jws.signature, over: jws.signedPart, by: algorithm) else {
            throw .badSignature
        }
        return VerifiedJWS(jws, by: algorithm, with: key)
    }

    /// The only key that fits id and algorithm. Entries of the same key count once. Two different keys are refused: to try both
    /// would let the token choose.
    private func key(named keyID: UntrustedText?, for algorithm: SignatureAlgorithm) throws(SignatureRefusal) -> JWK {
        var isNamed = false
        var found: Int?
        for index in keys.indices {
            if let keyID {
                guard keys[index].keyID == keyID else { continue }
                isNamed = true
            }
            guard keys[index].fits(algorithm) else { continue }
            if let found, !keys[found].isSameKey(as: keys[index]) { throw .ambiguousKey }
            found = found ?? index
        }
        guard let found else { throw isNamed ? .keyMismatch : .unknownKey }
        return keys[found]
    }

    /// Whether the set has a key of exactly this id.
    package func hasKey(_ keyID: UntrustedText) -> Bool { keys.contains { $0.keyID == keyID } }

    /// Whether the set has a key for any of `algorithms`.
    package func canVerify(anyOf algorithms: Set<SignatureAlgorithm>) -> Bool {
        keys.contains { key in algorithms.contains { key.fits($0) } }
    }
}
