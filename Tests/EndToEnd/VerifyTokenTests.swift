import Foundation
import JOSE
import Locking
import OpenSSLCrypto
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import ProviderStandIn

/// `verify-token` as a process, on tokens that a key of our own signs.
@Suite struct VerifyTokenTests {
    static let pair = RSAPrivateKey.generate(bits: 2048)
    static let now: Int64 = 1_800_000_000
    static let claims = """
        {"iss":"https://marketplace.example.test","aud":"oac_Own","sub":"account:feed01:user:0123ab",\
        "account_id":"feed01","installation_id":"icfg_1","user_id":"0123ab","user_role":"ADMIN",\
        "exp":1800000900,"iat":1800000000}
        """
    static let parties = ["--issuer", "https://marketplace.example.test", "--audience", "oac_Own", "--at", "\(now)"]

    static func sign(_ claims: String, keyID: String = "k1") -> String {
        let header: JSONObject = ["alg": .string("RS256"), "kid": .string(keyID)]
        return SignJWS.compact(header: header, payload: Array(claims.utf8), with: pair).exposedText!.string
    }

    static func keySet(in folder: TestFolder) throws -> String {
        let set = SignJWS.keySet([SignJWS.publicJWK(pair, keyID: "k1")])
        return try folder.write("jwks.json", String(decoding: set.encoded, as: UTF8.self))
    }

    /// What came out must be one JSON object on one line.
    static func verdict(_ output: String) throws -> JSONObject {
        #expect(output.hasSuffix("}\n") && output.count { $0 == "\n" } == 1, "\(output)")
        return try JSONObject(parsing: Array(output.utf8))
    }

    @Test(arguments: ["", "\n", "\r\n"])
    func `a good token from standard input exits with 0 and shows its claims`(end: String) async throws {
        let folder = try TestFolder()
        let token = try folder.write("token", Self.sign(Self.claims) + end)
        let process = try GatewayProcess(
            ["verify-token", "--jwks", Self.keySet(in: folder)] + Self.parties, in: folder,
            prefix: ["sh", "-c", "exec \"$@\" <'\(token)'", "sh"])
        #expect(try await process.exitCode() == 0)
        let verdict = try Self.verdict(process.output)
        #expect(verdict["valid"] == .bool(true))
        #expect(verdict["claims"] == .object(try JSONObject(parsing: SecretBytes(Self.claims))))
        #expect(verdict["algorithm"]?.isText("RS256") == true && verdict["key_id"]?.isText("k1") == true)
        #expect(verdict["notes"] == nil)
    }

    struct Refused: Sendable {
        let from: String
        let to: String
        let reason: String
        /// What the sentence must mention.
        let mention: String
    }

    @Test(arguments: [
        Refused(from: "oac_Own", to: "oac_Other", reason: "audience", mention: "oac_Other"),
        Refused(from: "example.test\"", to: "example.test/\"", reason: "issuer", mention: "example.test/"),
        Refused(from: "1800000900", to: "1799996400", reason: "expired", mention: "3600 seconds ago"),
        Refused(from: "\"iat\":1800000000", to: "\"iat\":1800000120", reason: "issued_in_future", mention: "120"),
        Refused(from: "\"iat\"", to: "\"nbf\":1800000061,\"iat\"", reason: "not_yet_valid", mention: "61"),
        Refused(from: "1800000900", to: "1e300", reason: "time_exp", mention: "whole number"),
        Refused(from: "\"sub\":", to: "\"type\":\"access_token\",\"sub\":", reason: "type", mention: "access_token"),
        Refused(from: ":user:0123ab", to: "", reason: "subject", mention: "sub"),
        Refused(from: "\"user_id\":\"0123ab\",", to: "", reason: "missing_user_id", mention: "user_id"),
        Refused(from: "ADMIN", to: "OWNER", reason: "role", mention: "OWNER"),
        Refused(from: "\"ADMIN\"", to: "1", reason: "claim_type_user_role", mention: "user_role"),
        Refused(from: "}", to: ",\"exp\":1}", reason: "claims_not_json", mention: "repeats a name"),
    ])
    func `explains a refused token with a word, a message and a hint`(row: Refused) async throws {
        let folder = try TestFolder()
        let token = Self.sign(Self.claims.replacing(row.from, with: row.to, maxReplacements: 1))
        let (code, output) = try await GatewayProcess.run(
            ["verify-token", "--jwks", Self.keySet(in: folder)] + Self.parties + [token], in: folder)
        #expect(code == 1)
        let verdict = try Self.verdict(output)
        #expect(verdict["valid"] == .bool(false))
        #expect(verdict["reason"]?.text?.string == row.reason)
        #expect(verdict["message"]?.text?.string.contains(row.mention) == true, "\(output)")
        #expect(verdict["look_at"]?.text?.hasSuffix(".") == true)
        for part in token.split(separator: ".") { #expect(!output.contains(part)) }
    }

    @Test(arguments: [
        ("k2", [], "unknown_key", "\"k1\""), ("k1", ["--clock-skew", "0", "--at", "1800000900"], "expired", "clock"),
        ("k1", ["--jwks", "/nonexistent"], "key_set_unreadable", "--jwks"),
        ("k1", ["--jwks", "http://127.0.0.1:9/jwks"], "key_set_unavailable", "curl"),
        ("k1", ["--jwks", "http://example.test/jwks"], "key_set_unavailable", "curl"),
    ])
    func `explains faults outside the token too`(
        keyID: String, options: [String], reason: String, lookAt: String
    ) async throws {
        let folder = try TestFolder()
        let (code, output) = try await GatewayProcess.run(
            ["verify-token", "--jwks", Self.keySet(in: folder)] + Self.parties + options
                + [Self.sign(Self.claims, keyID: keyID)], in: folder)
        #expect(code == 1)
        let verdict = try Self.verdict(output)
        #expect(verdict["reason"]?.text?.string == reason)
        #expect(verdict["look_at"]?.text?.string.contains(lookAt) == true, "\(output)")
    }

    @Test(arguments: [
        ("{}", "{}"), ("not JSON", "null"), ("[1]", "null"), (#"{"a":1,"a":2}"#, "null"), ("\u{1}", "null"),
    ])
    func `signature-only takes whatever is signed`(payload: String, claims: String) async throws {
        let folder = try TestFolder()
        let (code, output) = try await GatewayProcess.run(
            ["verify-token", "--signature-only", "--jwks", Self.keySet(in: folder), Self.sign(payload)], in: folder)
        #expect(code == 0)
        let verdict = try Self.verdict(output)
        #expect(verdict["valid"] == .bool(true))
        #expect(verdict["claims"] == (try JSONValue.parse(SecretBytes(claims))))
    }

    @Test func `a token whose ids differ from its subject's is valid with a note`() async throws {
        let folder = try TestFolder()
        let token = Self.sign(Self.claims.replacing(#""account_id":"feed01""#, with: #""account_id":"feed02""#))
        let (code, output) = try await GatewayProcess.run(
            ["verify-token", "--jwks", Self.keySet(in: folder)] + Self.parties + [token], in: folder)
        #expect(code == 0)
        #expect(try Self.verdict(output)["notes"] != nil)
    }

    @Test(arguments: [
        [], ["--jwks", "f"], ["--jwks", "f", "--issuer", "i"], ["--jwks", "f", "--audience", "a"],
        ["--jwks", "f", "--signature-only", "--algorithms", "HS256"],
        ["--jwks", "f", "--signature-only", "--algorithms", "none"],
        ["--jwks", "f", "--signature-only", "--algorithms", "RS256,"],
        ["--jwks", "f", "--signature-only", "--algorithms", "rs256"],
        ["--jwks", "f", "--signature-only", "--algorithms", ""],
        ["--jwks", "f", "--signature-only", "--clock-skew", "301"],
        ["--jwks", "f", "--signature-only", "--integration", "acme"],
        ["--jwks", "f", "--signature-only", "one", "two"],
    ])
    func `wrong usage exits with 64 and shows no verdict`(options: [String]) async throws {
        let (code, output) = try await GatewayProcess.run(["verify-token"] + options, in: TestFolder())
        #expect(code == 64, "\(output)")
        #expect(output.contains("Usage:") && !output.contains("\"valid\""))
    }

    @Test func `with a configuration it fetches keys from the login's address`() async throws {
        let acme = ProcessWorld.integration
        let standIn = try StandInServer(StandInSettings(integrations: [acme]))
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: standIn.url)
        let mint = MintToken(
            settings: standIn.settings, integration: acme, installation: acme.installations[0],
            member: acme.installations[0].members[0], now: Self.now)
        let token = mint.compact(with: standIn.standIn.state.withLock { $0.keys[0] })
        let at = ["--at", "\(Self.now + 10)"]
        let good = try await GatewayProcess.run(["verify-token", "--config", file] + at + [token], in: folder)
        #expect(good.code == 0, "\(good.output)")
        #expect(standIn.counters.keyFetches == 1)
        // An option of the command's own wins.
        let other = try await GatewayProcess.run(
            ["verify-token", "--config", file, "--audience", "oac_Other"] + at + [token], in: folder)
        #expect(try Self.verdict(other.output)["reason"]?.text?.string == "audience")
        let foreign = try await GatewayProcess.run(
            ["verify-token", "--config", file] + at + [Self.sign(Self.claims)], in: folder)
        #expect(try Self.verdict(foreign.output)["reason"]?.text?.string == "unknown_key")
        for integration in [["--integration", "other"], ["--integration", "acme", "--at", "x"]] {
            let (code, _) = try await GatewayProcess.run(
                ["verify-token", "--config", file] + integration + [token], in: folder)
            #expect(code == 64)
        }
        try folder.write("broken.yaml", "public_url: nowhere\n")
        let broken = try await GatewayProcess.run(
            ["verify-token", "--config", folder.path + "/broken.yaml", token], in: folder)
        #expect(broken.code == 78)
        await standIn.stop()
    }
}
