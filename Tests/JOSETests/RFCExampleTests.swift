import JOSE
import SecretMemory
import Testing
import Untrusted

/// The signed tokens and the keys that RFC 7515, 7517, 7520 and 8037 print, from `RFCExamples.json`. Of the private
/// RSA keys the primes are left out.
@Suite struct `Examples of the RFCs` {
    private static let all = try! JSONValue.parse(PackageResources.RFCExamples_json)
    static let tokens = all["tokens"].elements
    static let sets = all["sets"].elements

    private static func isVerified(_ token: String, _ key: JSONValue) throws -> Bool {
        let set = try JWKSet(parsing: SecretBytes(JSONValue.object(["keys": .array([key])]).encoded))
        guard let jws = try? UnverifiedJWS(SecretBytes(token)) else { return false }
        return (try? set.verify(jws, algorithms: Set(SignatureAlgorithm.allCases))) != nil
    }

    @Test(arguments: tokens)
    func `are verified where a public key signed them, and only as they are`(example: JSONValue) throws {
        let token = try #require(example["token"].text?.string)
        let isValid = example["valid"] == .bool(true)
        #expect(try Self.isVerified(token, example["key"]) == isValid)
        for other in Self.tokens where other["key"] != example["key"] {
            #expect(try !Self.isVerified(token, other["key"]))
        }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        #expect(try !Self.isVerified("\(parts[0]).\(parts[1])QQ.\(parts[2])", example["key"]))
    }

    @Test func `of tokens are ten, seven of them for us`() {
        #expect(Self.tokens.count == 10)
        #expect(Self.tokens.count { $0["valid"] == .bool(true) } == 7)
    }

    @Test(arguments: sets)
    func `of key sets give the usable public keys`(example: JSONValue) throws {
        let set = try JWKSet(parsing: SecretBytes(JSONValue.object(["keys": example["keys"]]).encoded))
        #expect(set.keys.map(\.keyID) == example["usable"].elements.map(\.text))
        #expect(set.skipped.map(\.reason.reason) == example["skipped"].elements.map(\.text?.string))
    }
}
