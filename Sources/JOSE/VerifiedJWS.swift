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
        guard let algorithm = algorithms.first(where: { $0.name.hasSameScalars(as: jws.algorithm) }) else {
            throw .algorithmNotAllowed(name: jws.algorithm)
        }
        let key = try key(named: jws.keyID, for: algorithm)
        guard key.material.isValidSignature(jws.signature, over: jws.signedPart, by: algorithm) else {
            throw .badSignature
        }
        return VerifiedJWS(jws, by: algorithm, with: key)
    }

    /// The one key that fits. A list of candidates would cost an allocation for each token.
    private func key(named keyID: String?, for algorithm: SignatureAlgorithm) throws(SignatureRefusal) -> JWK {
        var isNamed = false
        var found: Int?
        for index in keys.indices {
            if let keyID {
                guard keys[index].isNamed(keyID) else { continue }
                isNamed = true
            }
            guard keys[index].fits(algorithm) else { continue }
            guard found == nil else { throw .ambiguousKey }
            found = index
        }
        guard let found else { throw isNamed ? .keyMismatch : .unknownKey }
        return keys[found]
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
    fileprivate func isNamed(_ keyID: String) -> Bool { self.keyID?.hasSameScalars(as: keyID) ?? false }
}
