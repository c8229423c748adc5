package import SecretMemory

/// A token whose signature was checked against a key of a set. It has no other maker than `JWKSet.verify`.
package struct VerifiedJWS: Sendable {
    /// The payload, decoded. That it is JSON, and whose, is still to be seen.
    package let payload: SecretBytes
    package let header: JSONObject
    package let algorithm: SignatureAlgorithm
    /// The token's `kid`, or that of the only key that fitted.
    package let keyID: String?

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
        guard let algorithm = SignatureAlgorithm(name: jws.algorithm), algorithms.contains(algorithm) else {
            throw .algorithmNotAllowed(name: jws.algorithm)
        }
        var candidates = keys
        if let keyID = jws.keyID {
            candidates = keys.filter { $0.isNamed(keyID) }
            guard !candidates.isEmpty else { throw .unknownKey }
        }
        candidates.removeAll { !$0.fits(algorithm) }
        guard let key = candidates.first else { throw jws.keyID == nil ? .unknownKey : .keyMismatch }
        guard candidates.count == 1 else { throw .ambiguousKey }
        guard key.material.isValidSignature(jws.signature, over: jws.signedPart, by: algorithm) else {
            throw .badSignature
        }
        return VerifiedJWS(jws, by: algorithm, with: key)
    }

    /// Whether a key of exactly this id is in the set.
    package func hasKey(_ keyID: String) -> Bool { keys.contains { $0.isNamed(keyID) } }

    /// Whether any token by one of `algorithms` could be verified at all.
    package func canVerify(anyOf algorithms: Set<SignatureAlgorithm>) -> Bool {
        keys.contains { key in algorithms.contains { key.fits($0) } }
    }
}

extension JWK {
    /// By bytes, unlike Swift's own equality of strings.
    fileprivate func isNamed(_ keyID: String) -> Bool { self.keyID?.utf8.elementsEqual(keyID.utf8) ?? false }
}
