import JOSE
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@Suite struct `Key set` {
    private static func set(_ keys: [JSONObject]) throws(JWKSetRefusal) -> JWKSet {
        try JWKSet(parsing: SecretBytes(SignJWS.keySet(keys).encoded))
    }

    private static func key(_ changes: JSONObject, without removed: [UntrustedText] = []) -> JSONObject {
        let base: JSONObject = [
            "kty": .string("RSA"), "kid": .string("k1"), "n": .string(RFC7515Example.modulus), "e": .string("AQAB"),
        ]
        let names = changes.members.map(\.name) + removed
        return JSONObject(base.members.filter { !names.contains($0.name) } + changes.members)
    }

    @Test(
        arguments: [
            [:], ["use": .string("sig")], ["alg": .string("RS256")], ["alg": .string("PS512")],
            ["key_ops": .array([.string("verify")])],
            ["key_ops": .array([.string("sign"), .string("verify")])], ["x5c": .array([.string("AAAA")])],
            ["extra": .null], ["e": .string("Aw")], ["n": .string("AAAA" + RFC7515Example.modulus)],
        ] as [JSONObject])
    func `takes usable keys`(changes: JSONObject) throws {
        let set = try Self.set([Self.key(changes)])
        #expect(set.keys.map(\.keyID) == ["k1"])
        #expect(set.skipped == [])
    }

    struct Skipped: Sendable {
        var changes: JSONObject = [:]
        var without: [UntrustedText] = []
        let reason: JWK.Refusal
    }

    @Test(arguments: [
        Skipped(changes: ["kid": .string("")], reason: .keyIDMalformed),
        Skipped(changes: ["kid": .integer(1)], reason: .keyIDMalformed),
        Skipped(changes: ["kty": .string("EC")], reason: .curve),
        Skipped(changes: ["kty": .string("OKP")], reason: .curve),
        Skipped(changes: ["kty": .string("rsa")], reason: .keyType),
        Skipped(changes: ["kty": .string("oct"), "k": .string("AAAA")], reason: .keyType),
        Skipped(without: ["kty"], reason: .keyType), Skipped(changes: ["use": .string("enc")], reason: .use),
        Skipped(changes: ["use": .null], reason: .use), Skipped(changes: ["use": .string("SIG")], reason: .use),
        Skipped(changes: ["key_ops": .array([])], reason: .operations),
        Skipped(changes: ["key_ops": .array([.string("encrypt")])], reason: .operations),
        Skipped(changes: ["key_ops": .string("verify")], reason: .operations),
        Skipped(changes: ["key_ops": .array([.string("verify"), .string("verify")])], reason: .operations),
        Skipped(changes: ["key_ops": .array([.string("verify"), .string("encrypt")])], reason: .operations),
        Skipped(changes: ["key_ops": .array([.string("verify"), .integer(1)])], reason: .operations),
        Skipped(changes: ["alg": .string("HS256")], reason: .algorithm),
        Skipped(changes: ["alg": .string("ES256")], reason: .algorithm),
        Skipped(changes: ["alg": .string("EdDSA")], reason: .algorithm),
        Skipped(changes: ["alg": .string("RSA-OAEP")], reason: .algorithm),
        Skipped(changes: ["alg": .string("none")], reason: .algorithm),
        Skipped(changes: ["alg": .null], reason: .algorithm),
        Skipped(changes: ["d": .string("AQAB")], reason: .privateKeyPublished),
        Skipped(changes: ["p": .string("AQAB")], reason: .privateKeyPublished),
        Skipped(without: ["n"], reason: .numberMalformed(name: "n")),
        Skipped(changes: ["n": .string("")], reason: .numberMalformed(name: "n")),
        Skipped(changes: ["n": .string(RFC7515Example.modulus + "==")], reason: .numberMalformed(name: "n")),
        Skipped(without: ["e"], reason: .numberMalformed(name: "e")),
        Skipped(changes: ["e": .string("AQAB\n")], reason: .numberMalformed(name: "e")),
        Skipped(changes: ["e": .integer(65537)], reason: .numberMalformed(name: "e")),
        Skipped(changes: ["e": .string("AQ")], reason: .key(.exponentTooSmall)),
        Skipped(changes: ["e": .string("BA")], reason: .key(.exponentEven)),
        Skipped(
            changes: ["n": .string(String(repeating: "_", count: 340))], reason: .key(.modulusTooSmall(bits: 2040))),
    ])
    func `skips the others and says why`(skipped: Skipped) throws {
        let other = Self.key(["kid": .string("good")])
        let set = try Self.set([Self.key(skipped.changes, without: skipped.without), other])
        #expect(set.keys.map(\.keyID) == ["good"])
        #expect(set.skipped.map(\.index) == [0])
        #expect(set.skipped.map(\.reason) == [skipped.reason])
    }

    @Test func `skips entries that are no objects`() throws {
        let set = try JWKSet(parsing: SecretBytes(#"{"keys":[null,[],"x",1]}"#))
        #expect(set.keys.isEmpty)
        #expect(set.skipped.map(\.reason) == [.notAnObject, .notAnObject, .notAnObject, .notAnObject])
    }

    @Test func `RT-116: keeps keys that share an id, and entries that come twice`() throws {
        #expect(try Self.set([Self.key([:]), Self.key([:])]).keys.count == 2)
        let listed = try Self.set([Self.key(["alg": .string("RS256")]), Self.key(["alg": .string("PS256")])])
        #expect(listed.keys.count == 2)
    }

    @Test func `may repeat an id among entries that are skipped`() throws {
        let set = try Self.set([Self.key(["use": .string("enc")]), Self.key([:])])
        #expect(set.keys.count == 1)
        #expect(try Self.set([Self.key([:], without: ["kid"]), Self.key([:], without: ["kid"])]).keys.count == 2)
    }

    @Test(
        arguments: [
            ("", .json(.endsEarly)), ("[]", .json(.notAnObject)), ("{}", .keysMissing), (#"{"keys":{}}"#, .keysMissing),
            (#"{"keys":null}"#, .keysMissing), (#"{"keys":[],"keys":[]}"#, .json(.duplicateName(at: 11))),
            (#"{"keys":[{"kid":"a","kid":"b"}]}"#, .json(.duplicateName(at: 20))),
            (#"{"keys":[\#(Array(repeating: "1", count: 101).joined(separator: ","))]}"#, .tooManyKeys(count: 101)),
        ] as [(String, JWKSetRefusal)])
    func `is refused whole when it is no key set`(text: String, refusal: JWKSetRefusal) {
        #expect(throws: refusal) { try JWKSet(parsing: SecretBytes(text)) }
    }

    @Test func `has at most 256 KiB`() throws {
        let text = #"{"keys":[]}"#
        let padding = String(repeating: " ", count: 262_144 - text.utf8.count)
        #expect(try JWKSet(parsing: SecretBytes(text + padding)).keys.isEmpty)
        #expect(throws: JWKSetRefusal.tooLarge(bytes: 262_145)) {
            try JWKSet(parsing: SecretBytes(text + padding + " "))
        }
    }

    @Test func `takes a hundred keys`() throws {
        let keys = (0..<100).map { Self.key(["kid": .string("k\($0)")]) }
        #expect(try Self.set(keys).keys.count == 100)
    }
}
