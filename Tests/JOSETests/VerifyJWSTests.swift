import JOSE
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@Suite struct `Verified token` {
    private static let pair = RSAPrivateKey.generate(bits: 2048)
    private static let other = RSAPrivateKey.generate(bits: 2048)
    private static let payload: [UInt8] = Array(#"{"sub":"account:a:user:b"}"#.utf8)

    private static func set(_ keys: [JSONObject]) throws -> JWKSet {
        try JWKSet(parsing: SecretBytes(SignJWS.keySet(keys).encoded))
    }

    private static func jwk(_ pair: RSAPrivateKey = pair, without removed: [UntrustedText] = []) -> JSONObject {
        JSONObject(SignJWS.publicJWK(pair, keyID: "k1").members.filter { !removed.contains($0.name) })
    }

    private static func refusal(
        _ token: SecretBytes, _ set: JWKSet, algorithms: Set<SignatureAlgorithm> = [.rs256]
    ) throws -> SignatureRefusal? {
        let jws = try UnverifiedJWS(token)
        do {
            _ = try set.verify(jws, algorithms: algorithms)
            return nil
        } catch {
            return error
        }
    }

    @Test func `is the RS256 example of RFC 7515`() throws {
        let jws = try UnverifiedJWS(SecretBytes(RFC7515Example.token))
        let verified = try RFC7515Example.set.verify(jws, algorithms: [.rs256])
        #expect(
            verified.payload.exposedText?.string
                == "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}")
        #expect(verified.algorithm == .rs256)
        #expect(verified.keyID == nil)
        #expect(verified.header == ["alg": .string("RS256")])
    }

    @Test func `names the key that signed it`() throws {
        let set = try Self.set([SignJWS.publicJWK(Self.other, keyID: "k2"), Self.jwk()])
        let token = SignJWS.compact(payload: ["sub": .string("x")], keyID: "k1", with: Self.pair)
        let verified = try set.verify(try UnverifiedJWS(token), algorithms: [.rs256])
        #expect(verified.keyID == "k1")
        #expect(verified.payload.exposedText?.string == #"{"sub":"x"}"#)
    }

    @Test func `RT-116: is verified by the one key of its id that fits, however often that is listed`() throws {
        let token = SignJWS.compact(
            header: ["alg": .string("RS256"), "kid": .string("k1")], payload: Self.payload, with: Self.pair)
        let plain = Self.jwk(without: ["alg"])
        let elliptic = SignJWS.publicJWK(.ec(.generate(.p256)), keyID: "k1", for: .es256)
        let forPSS = SignJWS.publicJWK(.rsa(Self.pair), keyID: "k1", for: .ps256)
        let rivalForPSS = SignJWS.publicJWK(.rsa(Self.other), keyID: "k1", for: .ps256)
        for keys in [
            [elliptic, Self.jwk()], [Self.jwk(), Self.jwk()], [forPSS, Self.jwk(), plain], [rivalForPSS, Self.jwk()],
        ] {
            #expect(try Self.refusal(token, Self.set(keys)) == nil)
        }
        for rival in [Self.jwk(Self.other), Self.jwk(Self.other, without: ["alg"])] {
            #expect(try Self.refusal(token, Self.set([Self.jwk(), rival])) == .ambiguousKey)
            #expect(try Self.refusal(token, Self.set([rival, plain, Self.jwk()])) == .ambiguousKey)
        }
    }

    @Test(arguments: [
        "HS256", "HS384", "HS512", "none", "None", "NONE", "", "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256",
        "RS256 ", "RS256\0", "R\u{ff33}256",
    ])
    func `RT-67 is refused under any other algorithm`(name: String) throws {
        let header: JSONObject = ["alg": .string(name), "kid": .string("k1")]
        for key in [Self.jwk(), Self.jwk(without: ["alg"])] {
            let token = SignJWS.compact(header: header, payload: Self.payload, with: Self.pair)
            #expect(try Self.refusal(token, Self.set([key])) == .algorithmNotAllowed(name: UntrustedText(name)))
        }
    }

    @Test func `RT-67 is refused with the public key as HMAC secret`() throws {
        let header = Base64URL.encode(Array(#"{"alg":"HS256","kid":"k1"}"#.utf8))
        let signed = header + "." + Base64URL.encode(Self.payload)
        for secret in [Array(Self.pair.publicPEM.utf8), Self.pair.modulus] {
            let code = HMACKey(SecretBytes(secret)).code(for: Array(signed.utf8))
            let token = SecretBytes(signed + "." + Base64URL.encode(code))
            #expect(try Self.refusal(token, Self.set([Self.jwk()])) == .algorithmNotAllowed(name: "HS256"))
        }
    }

    @Test func `RT-67 is refused when the caller allows no algorithm`() throws {
        #expect(
            try Self.refusal(SecretBytes(RFC7515Example.token), RFC7515Example.set, algorithms: [])
                == .algorithmNotAllowed(name: "RS256"))
    }

    @Test func `RT-73 without a key id is accepted only where exactly one key fits`() throws {
        let token = SignJWS.compact(header: ["alg": .string("RS256")], payload: Self.payload, with: Self.pair)
        let second = SignJWS.publicJWK(Self.other, keyID: "k2")
        let encryption = JSONObject(
            SignJWS.publicJWK(Self.other, keyID: "k3").members.filter { $0.name != "use" }
                + [("use", .string("enc"))])
        #expect(try Self.refusal(token, Self.set([Self.jwk()])) == nil)
        #expect(try Self.refusal(token, Self.set([Self.jwk(without: ["kid"])])) == nil)
        #expect(try Self.refusal(token, Self.set([encryption, Self.jwk()])) == nil)
        #expect(try Self.refusal(token, Self.set([Self.jwk(), second])) == .ambiguousKey)
        #expect(try Self.refusal(token, Self.set([second, Self.jwk()])) == .ambiguousKey)
        #expect(try Self.refusal(token, Self.set([second])) == .badSignature)
        #expect(try Self.refusal(token, Self.set([])) == .unknownKey)
    }

    @Test func `is refused with an unknown key id, whatever keys there are`() throws {
        let set = try Self.set([Self.jwk(), Self.jwk(Self.other, without: ["kid"])])
        for id in ["k2", "K1", "k1 ", "k", "k11", "\u{212a}1"] {
            let token = SignJWS.compact(payload: [:], keyID: id, with: Self.pair)
            #expect(try Self.refusal(token, set) == .unknownKey)
        }
        let unnamed = try Self.set([Self.jwk(without: ["kid"])])
        #expect(try Self.refusal(SignJWS.compact(payload: [:], keyID: "k1", with: Self.pair), unnamed) == .unknownKey)
    }

    @Test func `is refused when another key signed it`() throws {
        let token = SignJWS.compact(payload: [:], keyID: "k1", with: Self.other)
        #expect(try Self.refusal(token, Self.set([Self.jwk()])) == .badSignature)
    }

    @Test func `is refused with a key that came in its header`() throws {
        let header: JSONObject = [
            "alg": .string("RS256"), "kid": .string("k1"),
            "jwk": .object(SignJWS.publicJWK(Self.other, keyID: "k1")), "jku": .string("https://evil.example/jwks"),
        ]
        let token = SignJWS.compact(header: header, payload: Self.payload, with: Self.other)
        #expect(try Self.refusal(token, Self.set([Self.jwk()])) == .badSignature)
    }

    @Test func `RT-80 is refused with any bit changed`() throws {
        let token = Array(RFC7515Example.token.utf8)
        var accepted = 0
        for position in token.indices {
            for bit in 0..<8 {
                var damaged = token
                damaged[position] ^= 1 << bit
                guard let jws = try? UnverifiedJWS(SecretBytes(damaged)) else { continue }
                if (try? RFC7515Example.set.verify(jws, algorithms: [.rs256])) != nil { accepted += 1 }
            }
        }
        #expect(accepted == 0)
        #expect(try Self.refusal(SecretBytes(token), RFC7515Example.set) == nil)
    }

    @Test func `RT-80 is refused with the parts of another token`() throws {
        func parts(_ token: SecretBytes) -> [String] {
            token.exposedText!.string.split(separator: ".").map(String.init)
        }
        let one = parts(SignJWS.compact(payload: ["a": .integer(1)], keyID: "k1", with: Self.pair))
        let two = parts(SignJWS.compact(payload: ["a": .integer(2)], keyID: "k1", with: Self.pair))
        let set = try Self.set([Self.jwk()])
        #expect(try Self.refusal(SecretBytes("\(one[0]).\(two[1]).\(one[2])"), set) == .badSignature)
        #expect(try Self.refusal(SecretBytes("\(one[0]).\(one[1]).\(two[2])"), set) == .badSignature)
        #expect(try Self.refusal(SecretBytes("\(RFC7515Example.header).\(one[1]).\(one[2])"), set) == .badSignature)
    }

    @Test func `RT-71 is found by 500 tasks at once`() async throws {
        let set = RFC7515Example.set
        let correct = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    guard let jws = try? UnverifiedJWS(SecretBytes(RFC7515Example.token)) else { return false }
                    return (try? set.verify(jws, algorithms: [.rs256])) != nil
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(correct)
    }
}

@Suite struct `Refusals` {
    @Test func `have stable reasons in snake case, each its own, and a sentence`() {
        let reasons =
            [
                JWSRefusal.tooLarge(bytes: 1), .partCount, .emptyPart, .headerNotBase64URL, .header(.endsEarly),
                .extensionNotSupported(name: "crit"), .algorithmMissing, .keyIDMalformed, .payloadNotBase64URL,
                .signatureNotBase64URL,
            ].map { ($0.reason, "\($0)") }
            + [SignatureRefusal.algorithmNotAllowed(name: "none"), .unknownKey, .ambiguousKey, .badSignature]
            .map { ($0.reason, "\($0)") }
            + [
                JWKSetRefusal.tooLarge(bytes: 1), .json(.notAnObject), .keysMissing, .tooManyKeys(count: 101),
            ].map { ($0.reason, "\($0)") }
        #expect(Set(reasons.map(\.0)).count == reasons.count)
        for (reason, sentence) in reasons {
            #expect(reason.utf8.allSatisfy { ($0 | 0x20) == $0 || $0 == UInt8(ascii: "_") }, "\(reason)")
            #expect(sentence.hasSuffix("."))
        }
    }

    @Test func `quote a presented algorithm short and escaped`() {
        let refusal = SignatureRefusal.algorithmNotAllowed(
            name: UntrustedText("\n" + String(repeating: "x", count: 16_000)))
        #expect("\(refusal)".utf8.count < 120)
        #expect(!"\(refusal)".contains("\n"))
    }
}
