import JOSE
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

/// Every algorithm under the same demands.
@Suite struct `Signature algorithms` {
    static let pairs = Dictionary(
        uniqueKeysWithValues: SignatureAlgorithm.allCases.map { ($0, SigningKey.generate(for: $0)) })

    private static func set(_ algorithm: SignatureAlgorithm, isBound: Bool = true) throws -> JWKSet {
        let entry = SignJWS.publicJWK(pairs[algorithm]!, keyID: "k1", for: algorithm)
        let members = entry.members.filter { isBound || $0.name != "alg" }
        return try JWKSet(parsing: SecretBytes(SignJWS.keySet([JSONObject(members)]).encoded))
    }

    private static func token(_ algorithm: SignatureAlgorithm) -> SecretBytes {
        SignJWS.compact(payload: ["a": .integer(1)], keyID: "k1", with: pairs[algorithm]!, by: algorithm)
    }

    private static func refusal(
        _ token: SecretBytes, _ set: JWKSet, _ algorithms: Set<SignatureAlgorithm>
    ) throws -> SignatureRefusal? {
        let jws = try UnverifiedJWS(token)
        do {
            _ = try set.verify(jws, algorithms: algorithms)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `are accepted where they are allowed and nowhere else`(algorithm: SignatureAlgorithm) throws {
        let token = Self.token(algorithm)
        #expect(try Self.refusal(token, Self.set(algorithm), [algorithm]) == nil)
        #expect(try Self.refusal(token, Self.set(algorithm, isBound: false), [algorithm]) == nil)
        let others = Set(SignatureAlgorithm.allCases).subtracting([algorithm])
        #expect(
            try Self.refusal(token, Self.set(algorithm), others)
                == .algorithmNotAllowed(name: UntrustedText(algorithm.name)))
    }

    @Test(arguments: SignatureAlgorithm.allCases, SignatureAlgorithm.allCases)
    func `RT-67 are not mistaken for each other`(signed: SignatureAlgorithm, claimed: SignatureAlgorithm) throws {
        guard signed != claimed else { return }
        let all = Set(SignatureAlgorithm.allCases)
        let header: JSONObject = ["alg": .string(claimed.name), "kid": .string("k1")]
        let token = SignJWS.compact(header: header, payload: [], with: Self.pairs[signed]!, by: signed)
        // A key that says its algorithm, the same key without it, and the other algorithm's own key.
        #expect(try Self.refusal(token, Self.set(signed), all) == .keyMismatch)
        let unbound = try Self.set(signed, isBound: false)
        let isSameKind = unbound.keys[0].fits(claimed)
        #expect(try Self.refusal(token, unbound, all) == (isSameKind ? .badSignature : .keyMismatch))
        #expect(try Self.refusal(token, Self.set(claimed), all) == .badSignature)
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `RT-80 fall with any bit of the token`(algorithm: SignatureAlgorithm) throws {
        let set = try Self.set(algorithm)
        let token = Self.token(algorithm).exposedBytes
        var accepted = 0
        for position in token.indices {
            for bit in 0..<8 {
                var damaged = token
                damaged[position] ^= 1 << bit
                guard let jws = try? UnverifiedJWS(SecretBytes(damaged)) else { continue }
                if (try? set.verify(jws, algorithms: Set(SignatureAlgorithm.allCases))) != nil { accepted += 1 }
            }
        }
        #expect(accepted == 0)
        #expect(try Self.refusal(SecretBytes(token), set, [algorithm]) == nil)
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `RT-80 fall with any bit of the signature, of the payload and of the header`(
        algorithm: SignatureAlgorithm
    ) throws {
        let set = try Self.set(algorithm)
        let parts = Self.token(algorithm).exposedText!.string.split(separator: ".").map {
            Base64URL.decode(String($0))!
        }
        for part in 0..<3 {
            var accepted = 0
            for position in parts[part].indices {
                for bit in 0..<8 {
                    var damaged = parts
                    damaged[part][position] ^= 1 << bit
                    let text = damaged.map { Base64URL.encode($0) }.joined(separator: ".")
                    guard let jws = try? UnverifiedJWS(SecretBytes(text)) else { continue }
                    if (try? set.verify(jws, algorithms: [algorithm])) != nil { accepted += 1 }
                }
            }
            #expect(accepted == 0, "part \(part)")
        }
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `have signatures of one length`(algorithm: SignatureAlgorithm) throws {
        let set = try Self.set(algorithm)
        let parts = Self.token(algorithm).exposedText!.string.split(separator: ".").map(String.init)
        let signature = Base64URL.decode(parts[2])!
        let others = [
            [0] + signature, signature + [0], Array(signature.dropLast()), Array(signature.dropFirst()),
            signature + signature, [0],
        ]
        for other in others {
            let token = SecretBytes("\(parts[0]).\(parts[1]).\(Base64URL.encode(other))")
            #expect(try Self.refusal(token, set, [algorithm]) == .badSignature)
        }
    }

    @Test func `RT-67 are refused on an RSA key when an elliptic curve is named`() throws {
        let rsa = try Self.set(.rs256, isBound: false)
        for algorithm in [SignatureAlgorithm.es256, .es384, .es512, .eddsa] {
            #expect(try Self.refusal(Self.token(algorithm), rsa, [.rs256, algorithm]) == .keyMismatch)
        }
    }

    @Test func `RT-73 without a key id need exactly one key that fits`() throws {
        let rsa = SignJWS.publicJWK(Self.pairs[.rs256]!, keyID: "k1", for: .rs256)
        let ec = SignJWS.publicJWK(Self.pairs[.es256]!, keyID: "k2", for: .es256)
        let other = SignJWS.publicJWK(.generate(for: .es256), keyID: "k3", for: .es256)
        let token = SignJWS.compact(
            header: ["alg": .string("ES256")], payload: [], with: Self.pairs[.es256]!, by: .es256)
        func judge(_ keys: [JSONObject]) throws -> SignatureRefusal? {
            let set = try JWKSet(parsing: SecretBytes(SignJWS.keySet(keys).encoded))
            return try Self.refusal(token, set, [.rs256, .es256])
        }
        #expect(try judge([rsa, ec]) == nil)
        #expect(try judge([rsa, ec, other]) == .ambiguousKey)
        #expect(try judge([rsa]) == .unknownKey)
    }

    @Test func `are known by their exact names`() {
        for name in ["rs256", "RS256 ", "", "none", "HS256", "ES256K", "Ed25519", "ED448", "R\u{ff33}256", "RS1"] {
            #expect(SignatureAlgorithm(name: UntrustedText(name)) == nil)
        }
        for algorithm in SignatureAlgorithm.allCases {
            #expect(SignatureAlgorithm(name: UntrustedText(algorithm.name)) == algorithm)
        }
    }
}
