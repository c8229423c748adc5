package import OpenSSLCrypto

/// A public key of a set (RFC 7517 section 4) that can check signatures.
package struct JWK: Sendable {
    /// `kid`, if present.
    package let keyID: String?
    /// `alg`: the one algorithm that the key is meant for, if it says so.
    package let algorithm: SignatureAlgorithm?
    package let material: VerificationKey

    /// Why an entry of a set is skipped, in the order of the checks.
    package enum Refusal: Error, Sendable, Hashable {
        case notAnObject
        /// `kid` is not a string of 1 to 256 bytes.
        case keyIDMalformed
        /// `kty` is missing or not spoken here.
        case keyType
        /// `use` is something else than `sig`.
        case use
        /// `key_ops` does not list `verify`.
        case operations
        /// `alg` is not one of ours.
        case algorithm
        /// A number of the private half is there: whoever read the set can sign with this key.
        case privateKeyPublished
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
            case .numberMalformed: "number_malformed"
            case .key(let refusal): refusal.reason
            }
        }
    }

    init(_ value: JSONValue) throws(Refusal) {
        guard case .object(let members) = value else { throw .notAnObject }
        switch members["kid"] {
        case nil: keyID = nil
        case .string(let id) where (1...UnverifiedJWS.maximumKeyIDCount).contains(id.utf8.count): keyID = id
        default: throw .keyIDMalformed
        }
        guard let type = members["kty"], type.isText("RSA") else { throw .keyType }
        if let use = members["use"], !use.isText("sig") { throw .use }
        if let operations = members["key_ops"] {
            guard case .array(let list) = operations, list.contains(where: { $0.isText("verify") }) else {
                throw .operations
            }
        }
        if let name = members["alg"] {
            guard let algorithm = name.text.flatMap(SignatureAlgorithm.init(name:)) else { throw .algorithm }
            self.algorithm = algorithm
        } else {
            algorithm = nil
        }
        guard !["d", "p", "q", "dp", "dq", "qi"].contains(where: { members[$0] != nil }) else {
            throw .privateKeyPublished
        }
        let modulus = try Self.number("n", of: members)
        let exponent = try Self.number("e", of: members)
        do { material = .rsa(try RSAPublicKey(modulus: modulus, exponent: exponent)) } catch { throw .key(error) }
        if let algorithm, !material.suits(algorithm) { throw .algorithm }
    }

    /// Whether the key may check signatures by `algorithm`.
    func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        (self.algorithm == nil || self.algorithm == algorithm) && material.suits(algorithm)
    }

    private static func number(_ name: String, of members: JSONObject) throws(Refusal) -> [UInt8] {
        guard let text = members[name]?.text, !text.isEmpty, let bytes = Base64URL.decode(text) else {
            throw .numberMalformed(name: name)
        }
        return bytes
    }
}

extension JWK.Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAnObject: "The entry is not an object."
        case .keyIDMalformed:
            "The entry's kid is not a string of 1 to \(UnverifiedJWS.maximumKeyIDCount) bytes."
        case .keyType: "The entry's kty is not RSA."
        case .use: "The entry's use is not sig."
        case .operations: "The entry's key_ops does not list verify."
        case .algorithm: "The entry's alg is not supported."
        case .privateKeyPublished: "The entry publishes the private key, so anybody can sign with it."
        case .numberMalformed(let name): "The entry's \(name) is missing or not canonical base64url."
        case .key(let refusal): refusal.description
        }
    }
}
