import JOSE
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

/// Keys on curves; those of RSA are in `Key set`.
@Suite struct `Keys of other kinds` {
    private static let p256 = SigningKey.ec(.generate(.p256))
    private static let ed25519 = SigningKey.ed25519(.generate())

    private static func key(_ pair: SigningKey, _ changes: JSONObject, without removed: [UntrustedText] = [])
        -> JSONObject
    {
        let base = SignJWS.publicJWK(pair, keyID: "k1", for: .es256).members.filter { $0.name != "alg" }
        let names = changes.members.map(\.name) + removed
        return JSONObject(base.filter { !names.contains($0.name) } + changes.members)
    }

    private static func refusal(_ key: JSONObject) throws -> JWK.Refusal? {
        let set = try JWKSet(parsing: SecretBytes(SignJWS.keySet([key]).encoded))
        #expect(set.keys.count + set.skipped.count == 1)
        return set.skipped.first?.reason
    }

    private static func text(_ count: Int) -> JSONValue {
        .string(Base64URL.encode([UInt8](repeating: 1, count: count)))
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `are taken with and without alg, use and operations`(algorithm: SignatureAlgorithm) throws {
        let entry = SignJWS.publicJWK(.generate(for: algorithm), keyID: "k1", for: algorithm)
        #expect(try Self.refusal(entry) == nil)
        #expect(try Self.refusal(JSONObject(entry.members.filter { !["alg", "use"].contains($0.name) })) == nil)
        let operations = entry.members + [(name: "key_ops", value: .array([.string("verify")]))]
        #expect(try Self.refusal(JSONObject(operations)) == nil)
    }

    @Test(
        arguments: [
            (["crv": .string("P-384")], .key(.length(bytes: 32, needed: 48))), (["crv": .string("p-256")], .curve),
            (["crv": .string("secp256k1")], .curve), (["crv": .string("P-256K")], .curve), (["crv": .null], .curve),
            (["crv": .string("Ed25519")], .curve), (["y": Self.text(32)], .key(.notOnCurve)),
            (["x": Self.text(31)], .key(.length(bytes: 31, needed: 32))),
            (["x": Self.text(33)], .key(.length(bytes: 33, needed: 32))),
            (["x": .string("")], .numberMalformed(name: "x")), (["y": .integer(1)], .numberMalformed(name: "y")),
            (["d": Self.text(32)], .privateKeyPublished), (["alg": .string("ES384")], .algorithm),
            (["alg": .string("RS256")], .algorithm), (["alg": .string("ECDH-ES")], .algorithm),
            (["kty": .string("RSA")], .numberMalformed(name: "n")), (["kty": .string("OKP")], .curve),
            (["use": .string("enc")], .use), (["key_ops": .array([.string("deriveKey")])], .operations),
        ] as [(JSONObject, JWK.Refusal)])
    func `on NIST curves are refused when anything disagrees`(changes: JSONObject, refusal: JWK.Refusal) throws {
        #expect(try Self.refusal(Self.key(Self.p256, changes)) == refusal)
    }

    @Test func `on NIST curves have both coordinates and no infinity`() throws {
        #expect(try Self.refusal(Self.key(Self.p256, [:], without: ["y"])) == .numberMalformed(name: "y"))
        #expect(try Self.refusal(Self.key(Self.p256, [:], without: ["crv"])) == .curve)
        let zero = JSONValue.string(Base64URL.encode([UInt8](repeating: 0, count: 32)))
        #expect(try Self.refusal(Self.key(Self.p256, ["x": zero, "y": zero])) == .key(.notOnCurve))
    }

    @Test(
        arguments: [
            (["crv": .string("X25519")], .curve), (["crv": .string("Ed448")], .curve),
            (["crv": .string("P-256")], .curve),
            (["x": Self.text(31)], .key(.length(bytes: 31, needed: 32))),
            (["x": Self.text(33)], .key(.length(bytes: 33, needed: 32))), (["d": Self.text(32)], .privateKeyPublished),
            (["alg": .string("ES256")], .algorithm), (["alg": .string("ed25519")], .algorithm),
            (["kty": .string("EC")], .curve),
        ] as [(JSONObject, JWK.Refusal)])
    func `on the Edwards curve are refused when anything disagrees`(changes: JSONObject, refusal: JWK.Refusal) throws {
        #expect(try Self.refusal(Self.key(Self.ed25519, changes)) == refusal)
    }
}
