import OpenSSLCrypto
package import Untrusted

/// A public key of a set (RFC 7517 section 4) that can check signatures.
package struct JWK: Sendable {
    /// `kid`, if present.
    package let keyID: UntrustedText?
    /// `alg`: the only algorithm of the key, if present.
    package let algorithm: SignatureAlgorithm?
    package let material: VerificationKey
    /// The numbers of `material`, for the comparison of two keys.
    private let numbers: [[UInt8]]

    private static let privateMembers: [UntrustedText] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

    init(_ value: JSONValue) throws(Refusal) {
        guard case .object(let members) = value else { throw .notAnObject }
        switch members["kid"] {
        case nil: keyID = nil
        case .string(let id) where (1...UnverifiedJWS.maximumKeyIDCount).contains(id.count): keyID = id
        default: throw .keyIDMalformed
        }
        guard let kind = members["kty"].flatMap(Kind.init) else { throw .keyType }
        if let use = members["use"], !use.isText("sig") { throw .use }
        if let operations = members["key_ops"], !Self.areForSignatures(operations) { throw .operations }
        if let name = members["alg"] {
            guard let algorithm = name.text.flatMap(SignatureAlgorithm.init(name:)) else { throw .algorithm }
            self.algorithm = algorithm
        } else {
            algorithm = nil
        }
        guard !Self.privateMembers.contains(where: { members[$0] != nil }) else {
            throw .privateKeyPublished
        }
        (material, numbers) = try kind.read(members)
        if let algorithm, !material.suits(algorithm) { throw .algorithm }
    }

    /// Whether the key may check signatures by `algorithm`.
    package func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        (self.algorithm == nil || self.algorithm == algorithm) && material.suits(algorithm)
    }

    /// Whether both entries publish the same key. A set may list one key for several algorithms, or twice
    /// (RFC 7517 section 4.5 allows equal ids).
    func isSameKey(as other: JWK) -> Bool { numbers == other.numbers }

    /// RFC 7517 section 4.3: no value twice, and no operation beside `verify` and `sign`.
    private static func areForSignatures(_ operations: JSONValue) -> Bool {
        guard case .array(let list) = operations else { return false }
        let names = list.compactMap(\.text)
        return names.count == list.count && Set(names).count == names.count && names.contains("verify")
            && names.allSatisfy { $0 == "sign" || $0 == "verify" }
    }
}

/// The key type, `kty`.
private enum Kind {
    case rsa, ec, okp

    init?(_ type: JSONValue) {
        if type.isText("RSA") {
            self = .rsa
        } else if type.isText("EC") {
            self = .ec
        } else if type.isText("OKP") {
            self = .okp
        } else {
            return nil
        }
    }

    func read(_ members: JSONObject) throws(JWK.Refusal) -> (VerificationKey, numbers: [[UInt8]]) {
        switch self {
        case .rsa:
            let modulus = try number("n", of: members)
            let exponent = try number("e", of: members)
            do {
                return (.rsa(try RSAPublicKey(modulus: modulus, exponent: exponent)), [modulus, exponent])
            } catch { throw .key(error) }
        case .ec:
            guard let name = members["crv"], let curve = EllipticCurve.allCases.first(where: { name.isText($0.name) })
            else { throw .curve }
            let x = try number("x", of: members)
            let y = try number("y", of: members)
            do { return (.ec(try ECPublicKey(curve: curve, x: x, y: y)), [x, y]) } catch { throw .key(error) }
        case .okp:
            guard let name = members["crv"], name.isText("Ed25519") else { throw .curve }
            let bytes = try number("x", of: members)
            do { return (.ed25519(try Ed25519PublicKey(bytes)), [bytes]) } catch { throw .key(error) }
        }
    }

    private func number(_ name: UntrustedText, of members: JSONObject) throws(JWK.Refusal) -> [UInt8] {
        guard let text = members[name]?.text, !text.isEmpty, let bytes = Base64URL.decode(text.bytes) else {
            throw .numberMalformed(name: name.string)
        }
        return bytes
    }
}
