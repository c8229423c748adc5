import JOSE
import SecretMemory
import Testing
import Untrusted

/// Tokens and key sets of Project Wycheproof and of the RFCs, with every algorithm allowed. The HMAC family is spoken
/// nowhere in this project, so its honest tokens are ones to refuse.
@Suite(.enabled(if: PublishedVectors.isPresent, "GATEWAY_VECTORS is not set."))
struct `Published tokens` {
    private static let all = Set(SignatureAlgorithm.allCases)

    private static func isAccepted(_ token: JSONValue, _ keys: JSONValue) -> Bool {
        let set: JSONValue = if case .null = keys["keys"] { .object(["keys": .array([keys])]) } else { keys }
        guard let text = token.text, let keys = try? JWKSet(parsing: SecretBytes(set.encoded)),
            let jws = try? UnverifiedJWS(SecretBytes(text.bytes))
        else { return false }
        return (try? keys.verify(jws, algorithms: all)) != nil
    }

    private static func isSymmetric(_ keys: JSONValue) -> Bool {
        (keys["keys"].elements + [keys]).contains { $0["kty"].isText("oct") }
    }

    /// Judges every case of a file as published, but for `exceptions`; gives the numbers of cases and of accepted ones.
    private static func judge(
        _ file: String, refusedOnPurpose exceptions: Set<Int64> = []
    ) throws -> (cases: Int, accepted: Int) {
        let vectors = try JSONValue.parse(PublishedVectors.read("jose/wycheproof/\(file)_test.json"))
        var count = (cases: 0, accepted: 0)
        for group in vectors["testGroups"].elements {
            let keys = group["public"] == .null ? group["private"] : group["public"]
            for test in group["tests"].elements {
                guard case .integer(let id) = test["tcId"] else { continue }
                count.cases += 1
                // Encrypted tokens are among them.
                let isSigned = test["jws"] != .null
                let isAccepted = isAccepted(isSigned ? test["jws"] : test["jwe"], keys)
                if isAccepted { count.accepted += 1 }
                let isExpected =
                    test["result"].isText("valid") && isSigned && !isSymmetric(keys) && !exceptions.contains(id)
                #expect(isAccepted == isExpected, "\(file) \(id) \(test["comment"].text ?? "")")
            }
        }
        return count
    }

    @Test func `are judged as Wycheproof says`() throws {
        // 346 and 350: RFC 7520's PS384 token, but here under a key whose alg says PS256. 347 and 351: its ES512
        // token under a key whose alg says ES521, which is no name. RFC 7517 section 4.4 binds the key to its alg.
        // 372 and 373, called valid, have a "?" in a part; their keys are symmetric anyhow, as are those of 367 and
        // 370, called invalid, which are byte for byte the valid case 357.
        let count = try Self.judge("json_web_signature", refusedOnPurpose: [346, 347, 350, 351])
        #expect(count == (401, 32))
    }

    @Test func `are judged as the older file says`() throws {
        #expect(try Self.judge("json_web_crypto") == (83, 2))
    }

    @Test func `are judged with their key sets as Wycheproof says`() throws {
        #expect(try Self.judge("json_web_key") == (26, 1))
    }

    @Test func `RT-69 are none when they are encrypted`() throws {
        let vectors = try JSONValue.parse(PublishedVectors.read("jose/wycheproof/json_web_encryption_test.json"))
        var count = 0
        for group in vectors["testGroups"].elements {
            for test in group["tests"].elements {
                #expect(!Self.isAccepted(test["jwe"], group["private"]))
                count += 1
            }
        }
        #expect(count == 139)
    }

    /// RFC 7520 section 4, RFC 7797 and RFC 8037: compact tokens by public keys hold; by HMAC, detached, unencoded, in
    /// JSON or encrypted they do not.
    @Test func `of the RFCs' cookbook are judged by their form`() throws {
        var accepted: [String] = []
        var count = 0
        for folder in ["jws", "jwe", "curve25519", "rfc7797"] {
            for name in try PublishedVectors.names(in: "jose/rfc/cookbook/\(folder)") {
                let example = try JSONValue.parse(PublishedVectors.read("jose/rfc/cookbook/\(folder)/\(name)"))
                // The key as published: without its private half.
                var key: JSONValue = example["input"]["key"]
                if case .object(let members) = key {
                    key = .object(
                        JSONObject(members.members.filter { !["d", "p", "q", "dp", "dq", "qi"].contains($0.name) }))
                }
                count += 1
                if Self.isAccepted(example["output"]["compact"], key) { accepted.append(name) }
                for form in ["json", "json_flat"] as [UntrustedText] {
                    let text = JSONValue.string(String(decoding: example["output"][form].encoded, as: UTF8.self))
                    #expect(!Self.isAccepted(text, key))
                }
            }
        }
        #expect(count == 25)
        #expect(
            accepted == [
                "4_1.rsa_v15_signature.json", "4_2.rsa-pss_signature.json", "4_3.ecdsa_signature.json", "jws.json",
            ])
    }

    @Test func `of RFC 7515's appendix are judged as labelled`() throws {
        let examples = try JSONValue.parse(PublishedVectors.read("jose/rfc/rfc7515-appendix-a.json")).elements
        #expect(examples.count == 5)
        for example in examples {
            var key = example["key"]
            if case .object(let members) = key {
                key = .object(
                    JSONObject(members.members.filter { !["d", "p", "q", "dp", "dq", "qi"].contains($0.name) }))
            }
            let isExpected = example["result"].isText("valid") && !Self.isSymmetric(key)
            #expect(Self.isAccepted(example["jws"], key) == isExpected)
        }
    }

    /// Seeds of mod_auth_openidc's fuzzers, every token under every key set.
    @Test func `of others' fuzz seeds are refused but for the honest ones`() throws {
        let folder = "fuzz-seeds/mod_auth_openidc/corpus"
        var accepted: [String] = []
        for token in try PublishedVectors.names(in: "\(folder)/jwt") {
            let text = JSONValue.string(
                String(decoding: try PublishedVectors.read("\(folder)/jwt/\(token)"), as: UTF8.self))
            for keys in try PublishedVectors.names(in: "\(folder)/jwks") {
                guard let set = try? JSONValue.parse(PublishedVectors.read("\(folder)/jwks/\(keys)")) else { continue }
                if Self.isAccepted(text, set) { accepted.append("\(token) \(keys)") }
            }
        }
        let honest = [
            "es256-kid-valid ec-p256", "es256-kid-valid set-good-then-bad", "es256-kid-valid set-rsa-ec-oct",
            "rs256-x5t-valid rsa-public", "rs256-x5t-valid set-rsa-ec-oct",
        ]
        #expect(accepted == honest)
    }
}
