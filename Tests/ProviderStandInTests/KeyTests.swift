import HTTP
import JOSE
import SecretMemory
import Testing
import Untrusted

@testable import ProviderStandIn

@Suite struct `The issuer's keys` {
    @Test(arguments: ["/.well-known/jwks", "/.well-known/jwks.json"])
    func `are two, with a lifetime for caches`(_ address: String) async throws {
        let world = StandInWorld()
        let response = try await world.get(address)
        #expect(response.status == .ok)
        #expect(response.headers["Cache-Control"] == "public, max-age=600")
        let set = try JWKSet(parsing: SecretBytes(response.body))
        #expect(set.keys.map(\.keyID) == ["key-0", "key-1"] && set.skipped.isEmpty)
    }

    @Test func `change so that the next signer was published before it signs`() async throws {
        let world = StandInWorld()
        let before = try await world.keySet()
        let old = try await world.token()
        #expect(try await world.post("/stand-in/keys/rotate").status == .noContent)
        let after = try await world.keySet()
        #expect(after.keys.count == 2 && after.keys[0].keyID == before.keys[1].keyID)
        let new = try UnverifiedJWS(SecretBytes(try await world.token()))
        #expect((try? before.verify(new, algorithms: [.rs256])) != nil, "by a set that was fetched before")
        #expect((try? after.verify(new, algorithms: [.rs256])) != nil)
        #expect(throws: SignatureRefusal.unknownKey, "the old signer is gone") {
            try after.verify(UnverifiedJWS(SecretBytes(old)), algorithms: [.rs256])
        }
        world.standIn.fail(.retiredKid)
        let retired = try UnverifiedJWS(SecretBytes(try await world.token()))
        #expect((try? before.verify(retired, algorithms: [.rs256])) != nil, "what retired is what signed before")
    }

    @Test func `are found by discovery, under the address of the request`() async throws {
        let body = try await StandInWorld().get("/.well-known/openid-configuration").json
        #expect(body["issuer"]?.isText("https://marketplace.vercel.com") == true)
        #expect(body["jwks_uri"]?.isText("http://localhost:4190/.well-known/jwks") == true)
    }

    @Test func `are found by discovery, under the address of the settings`() async throws {
        let world = StandInWorld { settings in
            settings.baseURL = "https://market.example.test"
            settings.issuer = "https://market.example.test"
        }
        let body = try await world.get("/.well-known/openid-configuration").json
        #expect(body["jwks_uri"]?.isText("https://market.example.test/.well-known/jwks") == true)
        #expect(try claims(of: try await world.token())["iss"]?.isText("https://market.example.test") == true)
    }
}
