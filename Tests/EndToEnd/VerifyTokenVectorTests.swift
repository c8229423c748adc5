import Foundation
import JOSE
import OpenSSLCrypto
import SecretMemory
import TestSupport
import Testing
import Untrusted

/// The public sets in full, one process of `verify-token` for every case: about 1,500.
@Suite(.enabled(if: Vectors.isThere, "GATEWAY_VECTORS is not set.")) struct VerifyTokenVectorTests {
    /// Every algorithm there is: what is allowed must not decide about a published case.
    private static let algorithms = ["--algorithms", SignatureAlgorithm.allCases.map(\.name).joined(separator: ",")]

    /// Tokens of RFC 7520 by PS384 and ES512 under keys whose alg is PS256 and ES521, which is no registered name:
    /// labelled valid, and refused by implementations that bind a key to its alg.
    private static let refusedAlgorithms: Set<Int64> = [346, 347, 350, 351]

    @Test(arguments: ["json_web_signature_test", "json_web_key_test", "json_web_crypto_test"])
    func `RT-76 Wycheproof's tokens get Wycheproof's verdicts`(file: String) async throws {
        let folder = try TestFolder()
        let names = Set(SignatureAlgorithm.allCases.map(\.name))
        var cases: [VerdictCase] = []
        let vectors = try JSONValue.parse(try Self.read("jose/wycheproof/\(file).json"))
        for (index, group) in Self.list(vectors, "testGroups").enumerated() {
            let key = Self.member(group, "public") ?? Self.member(group, "private") ?? .null
            let set = Self.member(key, "keys") == nil ? .object(["keys": .array([key])]) : key
            let path = try folder.write("\(index).json", String(decoding: set.encoded, as: UTF8.self))
            let keyAlgorithm = Self.member(Self.list(set, "keys").first ?? .null, "alg")?.text?.string
            for test in Self.list(group, "tests") {
                // Cases of encryption, and one in the JSON serialisation.
                guard let token = Self.member(test, "jws")?.text?.string,
                    case .integer(let id)? = Self.member(test, "tcId")
                else { continue }
                let isOurs = keyAlgorithm.map(names.contains) ?? false
                let labelled = Self.member(test, "result")?.isText("valid") == true && isOurs
                let isArgued = file == "json_web_signature_test" && Self.refusedAlgorithms.contains(id)
                cases.append(
                    VerdictCase(
                        name: "\(file) \(id)", options: ["--signature-only", "--jwks", path] + Self.algorithms,
                        token: token, expected: labelled && !isArgued))
            }
        }
        #expect(try await VerdictCase.judge(cases, in: folder) > 0)
    }

    @Test func `the tokens of RFC 7515, RFC 7520 and RFC 8037 verify`() async throws {
        let folder = try TestFolder()
        var cases: [VerdictCase] = []
        func add(_ name: String, _ key: JSONValue, _ token: String, _ isValid: Bool) throws {
            // The examples publish whole pairs; a set with a private half in it would be refused.
            guard case .object(let pair) = key else { return }
            let half = JSONObject(pair.members.filter { ["kty", "kid", "n", "e", "crv", "x", "y"].contains($0.name) })
            let set = SignJWS.keySet([half])
            let path = try folder.write("\(cases.count).json", String(decoding: set.encoded, as: UTF8.self))
            cases.append(
                VerdictCase(
                    name: name, options: ["--signature-only", "--jwks", path] + Self.algorithms, token: token,
                    expected: isValid))
        }
        let names = Set(SignatureAlgorithm.allCases.map(\.name))
        guard case .array(let examples) = try JSONValue.parse(try Self.read("jose/rfc/rfc7515-appendix-a.json"))
        else { throw CocoaError(.fileReadCorruptFile) }
        for example in examples {
            let algorithm = Self.member(example, "alg")?.text?.string ?? ""
            try add(
                "RFC 7515 \(algorithm)", Self.member(example, "key") ?? .null,
                Self.member(example, "jws")?.text?.string ?? "",
                names.contains(algorithm))
        }
        for path in [
            "jws/4_1.rsa_v15_signature", "jws/4_2.rsa-pss_signature", "jws/4_3.ecdsa_signature", "curve25519/jws",
        ] {
            let example = try JSONValue.parse(try Self.read("jose/rfc/cookbook/\(path).json"))
            let input = Self.member(example, "input") ?? .null
            let output = Self.member(example, "output") ?? .null
            try add(
                path, Self.member(input, "key") ?? .null, Self.member(output, "compact")?.text?.string ?? "",
                names.contains(Self.member(input, "alg")?.text?.string ?? ""))
        }
        #expect(try await VerdictCase.judge(cases, in: folder) > 0)
    }

    @Test func `JSON texts are judged as published where they are signed`() async throws {
        let folder = try TestFolder()
        let set = try VerifyTokenTests.keySet(in: folder)
        var cases: [VerdictCase] = []
        for name in try Self.names("json/test_parsing") where name.hasSuffix(".json") && !name.hasPrefix("i_") {
            let text = try Self.read("json/test_parsing/\(name)")
            let signed = SignJWS.compact(
                header: ["alg": .string("RS256"), "kid": .string("k1")], payload: text, with: VerifyTokenTests.pair)
            let isObject = text.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: "{")
            // Duplicate names are ours to refuse (RFC 8259 section 4).
            let isTaken = name.hasPrefix("y_") && isObject && !name.hasPrefix("y_object_duplicated_key")
            cases.append(
                VerdictCase(
                    name: name, options: ["--jwks", set] + VerifyTokenTests.parties,
                    token: signed.exposedText?.string ?? "",
                    expected: false,
                    reasons: isTaken
                        ? ["issuer"] : ["claims_not_json", "token_empty_part", "token_too_large"]))
        }
        _ = try await VerdictCase.judge(cases, in: folder)
    }

    @Test func `JSON texts are no key sets`() async throws {
        let folder = try TestFolder()
        let token = VerifyTokenTests.sign("{}")
        let cases = try Self.names("json/test_parsing").filter { $0.hasSuffix(".json") }.map { name in
            VerdictCase(
                name: name,
                options: ["--signature-only", "--jwks", "\(Vectors.folder ?? "")/json/test_parsing/\(name)"],
                token: token, expected: false,
                reasons: name.hasPrefix("y_") && !name.contains("duplicated")
                    ? ["key_set_keys_missing", "key_set_json_not_an_object"] : nil)
        }
        _ = try await VerdictCase.judge(cases, in: folder)
    }

    @Test func `fuzz seeds as tokens and key sets get a verdict each`() async throws {
        let folder = try TestFolder()
        let corpus = "fuzz-seeds/mod_auth_openidc/corpus"
        var cases: [VerdictCase] = []
        for token in try Self.names("\(corpus)/jwt") {
            // A few fit one of the sets; the rest have an unknown key, a shared secret or no sound form.
            let text = String(decoding: try Self.read("\(corpus)/jwt/\(token)"), as: UTF8.self)
            for set in try Self.names("\(corpus)/jwks") {
                cases.append(
                    VerdictCase(
                        name: "\(token) with \(set)",
                        options: ["--signature-only", "--jwks", "\(Vectors.folder ?? "")/\(corpus)/jwks/\(set)"]
                            + Self.algorithms, token: text, expected: token.hasSuffix("-valid") ? nil : false))
            }
        }
        #expect(try await VerdictCase.judge(cases, in: folder) > 0)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "\(Vectors.folder ?? "")/\(path)"))
        defer { try? file.close() }
        return Array(try file.readToEnd() ?? Data())
    }

    private static func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(Vectors.folder ?? "")/\(path)").sorted()
    }

    private static func member(_ value: JSONValue, _ name: UntrustedText) -> JSONValue? {
        guard case .object(let object) = value, let member = object[name] else { return nil }
        if case .null = member { return nil }
        return member
    }

    private static func list(_ value: JSONValue, _ name: UntrustedText) -> [JSONValue] {
        if case .array(let values)? = member(value, name) { values } else { [] }
    }
}
