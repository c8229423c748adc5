package import OpenSSLCrypto

extension JWK {
    /// Why an entry of a set is skipped, in the order of the checks.
    package enum Refusal: Error, Sendable, Hashable {
        case notAnObject
        /// `kid` is not a string of 1 to 256 bytes.
        case keyIDMalformed
        /// `kty` is missing or not supported.
        case keyType
        /// `use` is not `sig`.
        case use
        /// `key_ops` does not list `verify`, or lists another operation than `sign` beside it, or one twice.
        case operations
        /// `alg` is not supported, or not for this key type and curve.
        case algorithm
        /// A private number is published: every reader of the set can sign with this key.
        case privateKeyPublished
        /// `crv` is missing or not supported.
        case curve
        /// A number is missing or not canonical base64url.
        case numberMalformed(name: String)
        case key(KeyRefusal)

        /// A stable name for logs and metrics.
        package var reason: String {
            switch self {
            case .notAnObject: "not_an_object"
            case .keyIDMalformed: "key_id_malformed"
            case .keyType: "key_type"
            case .use: "use"
            case .operations: "operations"
            case .algorithm: "algorithm"
            case .privateKeyPublished: "private_key_published"
            case .curve: "curve"
            case .numberMalformed: "number_malformed"
            case .key(let refusal): refusal.reason
            }
        }
    }
}

extension JWK.Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAnObject: "The entry is not an object."
        case .keyIDMalformed:
            "The entry's kid is not a string of 1 to \(UnverifiedJWS.maximumKeyIDCount) bytes."
        case .keyType: "The entry's kty is not RSA, EC or OKP."
        case .use: "The entry's use is not sig."
        case .operations: "The entry's key_ops is not verify, with or without sign."
        case .algorithm: "The entry's alg is not supported for a key of its kind."
        case .privateKeyPublished: "The entry publishes the private key, so anybody can sign with it."
        case .curve: "The entry's crv is not P-256, P-384 or P-521, nor Ed25519 for OKP."
        case .numberMalformed(let name): "The entry's \(name) is missing or not canonical base64url."
        case .key(let refusal): refusal.description
        }
    }
}
