package import SecretMemory
package import Untrusted

/// A token whose signature was checked against a key of a set. It has no other maker than `JWKSet.verify`.
package struct VerifiedJWS: Sendable {
    /// The payload, decoded. That it is JSON, and whose, is still to be seen.
    package let payload: SecretBytes
    package let header: JSONObject
    package let algorithm: SignatureAlgorithm
    /// The token's `kid`, or that of the only key that fitted.
    package let keyID: UntrustedText?

    fileprivate init(_ jws: UnverifiedJWS, by algorithm: SignatureAlgorithm, with key: JWK) {
        payload = jws.payload
        header = jws.header
        self.algorithm = algorithm
        keyID = key.keyID
    }
}

extension JWKSet {
    /// Checks the signature with the key that the token names; a token that names none is accepted only where exactly
    /// one key fits. The algorithm comes from `algorithms`, never from the token alone.
    ///
    /// `.unknownKey` is the one refusal after which fetching the set again may help.
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

    /// The one key that fits id and algorithm. Entries that are the same key count once; two different ones are refused,
    /// because trying both would let a token choose.
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

    /// Whether a key of exactly this id is in the set.
    package func hasKey(_ keyID: UntrustedText) -> Bool { keys.contains { $0.keyID == keyID } }

    /// Whether any token by one of `algorithms` could be verified at all.
    package func canVerify(anyOf algorithms: Set<SignatureAlgorithm>) -> Bool {
        keys.contains { key in algorithms.contains { key.fits($0) } }
    }
}
