import HTTP
import JOSE
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Testing

@testable import Gateway

/// The signed assertion for the app. Tests/Proxies has its signatures checked by a library that is not ours.
@Suite struct `The assertion` {
    private static let assertions = Assertions(TestWorld.ring, origin: TestWorld.origin())

    private static func text(_ part: Int, of token: String) throws -> String {
        let part = token.split(separator: ".", omittingEmptySubsequences: false)[part]
        return String(decoding: try #require(Base64URL.decode(String(part))), as: UTF8.self)
    }

    @Test func `names the member, the gateway and the app`() throws {
        let session = TestWorld.session(role: .admin, name: "Zoë \"<x>\"", email: "")
        let token = Self.assertions.sign(session, audience: "app.example.test", now: TestWorld.now + 5)
        let key = TestWorld.ring.keys[0]
        #expect(try Self.text(0, of: token) == #"{"alg":"ES256","typ":"JWT","kid":"\#(key.id)"}"#)
        #expect(
            try Self.text(1, of: token) == #"{"iss":"https://app.example.test","aud":"app.example.test","#
                + #""sub":"0123abcd","integration":"live","installation_id":"icfg_1","account_id":"feed","#
                + #""role":"ADMIN","name":"Zoë \"\u003cx\u003e\"","sid":"\#(session.id.text)","#
                + #""role_checked_at":\#(TestWorld.now),"iat":\#(TestWorld.now + 5),"exp":\#(TestWorld.now + 35)}"#)
        #expect(token.utf8.allSatisfy { (0x21...0x7e).contains($0) })
    }

    @Test func `fits the proxies' buffers with the longest name and address`() {
        let session = TestWorld.session(
            name: String(repeating: "\u{1}", count: 128), email: String(repeating: "é", count: 64))
        #expect(Self.assertions.sign(session, audience: "app.example.test", now: TestWorld.now).utf8.count < 2048)
    }

    @Test func `ends with its session`() throws {
        let session = TestWorld.session(at: TestWorld.now - 8 * 3600 + 12)
        let token = Self.assertions.sign(session, audience: "a", now: TestWorld.now)
        #expect(try Self.text(1, of: token).hasSuffix(#","exp":\#(TestWorld.now + 12)}"#))
    }

    @Test func `its public keys are those of the whole ring, and nothing else of it`() throws {
        let ring = KeyRing(
            TestWorld.ring.keys + [.init(id: "00000002", secret: SecretBytes(Array(repeating: 2, count: 32)))])
        guard case .now(let response) = AssertionKeys(ring).route.answer(TestWorld.context(TestWorld.request("/")))
        else {
            preconditionFailure("answered at once")
        }
        let keys = ring.keys.map { key in
            #"{"kty":"EC","use":"sig","alg":"ES256","kid":"\#(key.id)","crv":"P-256","#
                + #""x":"\#(Base64URL.encode(key.assertionKey.x))","y":"\#(Base64URL.encode(key.assertionKey.y))"}"#
        }
        #expect(String(decoding: response.body, as: UTF8.self) == #"{"keys":[\#(keys.joined(separator: ","))]}"#)
        #expect(response.headers["Cache-Control"] == "public, max-age=300")
    }
}
