import JOSE
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@testable import ProviderStandIn

/// The claims of a token, unchecked.
func claims(of token: String) throws -> JSONObject {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    return try JSONObject(parsing: try #require(Base64URL.decode(String(parts[1]))))
}

@Suite struct `An id_token` {
    static let variants = StandInFault.allCases.filter { $0.surface == .token }

    @Test func `of a good login is verified by the published keys and says who it is`() async throws {
        let world = StandInWorld { $0.integrations[0].installations[0].members[0].avatarURL = "https://a.example/ada" }
        let token = try await world.token()
        let verified = try await world.keySet().verify(
            UnverifiedJWS(SecretBytes(token)), algorithms: [.rs256])
        let time = world.now
        let expected: JSONObject = [
            "iss": .string("https://marketplace.vercel.com"), "aud": .string("oac_AcmeDemonstration01"),
            "sub": .string("account:4b1d0c0de0000000a11ce000:user:\(StandInWorld.ada)"),
            "account_id": .string("4b1d0c0de0000000a11ce000"), "installation_id": .string(world.installation.id),
            "user_id": .string(StandInWorld.ada), "user_role": .string("ADMIN"), "user_name": .string("Ada Lovelace"),
            "user_email": .string("ada@analytical.example"), "user_avatar_url": .string("https://a.example/ada"),
            "type": .string("id_token"), "iat": .integer(time), "exp": .integer(time + 900),
        ]
        #expect(try JSONObject(parsing: verified.payload) == expected)
    }

    /// What a verifier of signatures says, or nil where it has nothing against the token.
    private func refusal(_ fault: StandInFault) async throws -> String? {
        let world = StandInWorld()
        world.standIn.fail(fault)
        let token = try await world.token()
        let keys = try await world.keySet()
        let jws: UnverifiedJWS
        do { jws = try UnverifiedJWS(SecretBytes(token)) } catch { return "malformed" }
        do { _ = try keys.verify(jws, algorithms: [.rs256]) } catch { return error.reason }
        return nil
    }

    static let refusals: [StandInFault: String] = [
        .algNone: "malformed", .algHS256: "algorithm_not_allowed", .algRS512: "algorithm_not_allowed",
        .unknownKid: "unknown_key", .noKid: "ambiguous_key", .retiredKid: "unknown_key", .hugeToken: "malformed",
        .tamperedPayload: "bad_signature", .tamperedSignature: "bad_signature",
    ]

    @Test(arguments: variants)
    func `is signed well unless its signature is what is wrong with it`(_ fault: StandInFault) async throws {
        #expect(try await refusal(fault) == Self.refusals[fault])
    }

    /// The claims in which a variant differs from a good token, by absence, presence or value.
    static let differences: [StandInFault: Set<UntrustedText>] = [
        .algNone: [], .algHS256: [], .algRS512: [], .unknownKid: [], .noKid: [], .retiredKid: [],
        .tamperedSignature: [], .wrongIssuer: ["iss"], .issuerSlash: ["iss"], .foreignAudience: ["aud"],
        .audienceArrayOne: ["aud"], .audienceArrayTwo: ["aud"], .expired: ["exp", "iat"],
        .expiredWithinSkew: ["exp", "iat"], .notBeforeFuture: ["nbf"], .issuedInFuture: ["iat"],
        .typeAccessToken: ["type"], .systemToken: ["sub", "user_id", "user_role", "user_name", "user_email"],
        .noIssuer: ["iss"], .noAudience: ["aud"], .noSubject: ["sub"], .noAccount: ["account_id"],
        .noInstallation: ["installation_id"], .noUser: ["user_id"], .noRole: ["user_role"], .noExpiry: ["exp"],
        .noIssuedAt: ["iat"], .roleLowerCase: ["user_role"], .roleUnknown: ["user_role"], .badSubject: ["sub"],
        .parentClaims: ["parent_account_id", "parent_installation_id"], .noEmail: ["user_email"],
        // A pushed code's token has no nonce.
        .noNonce: [], .otherNonce: [], .otherParty: ["azp"], .nonASCIIName: ["user_name"], .hugeToken: ["padding"],
        .tamperedPayload: ["user_role", "exp"],
    ]

    @Test(arguments: variants)
    func `differs from a good one in what its name says and in nothing else`(_ fault: StandInFault) async throws {
        let world = StandInWorld()
        let good = try claims(of: try await world.token(user: StandInWorld.ben))
        world.standIn.fail(fault)
        let spoiled = try claims(of: try await world.token(user: StandInWorld.ben))
        let names = Set((good.members + spoiled.members).map(\.name))
        let different = names.filter { good[$0] != spoiled[$0] }
        if fault == .resourceToken || fault == .signInToken {
            #expect(different.isSuperset(of: ["iss", "aud", "sub", "installation_id", "user_id", "user_role"]))
        } else {
            #expect(different == Self.differences[fault])
        }
    }

    @Test func `RS512 is a sound signature, so only the algorithm's name can turn it away`() async throws {
        let parts = try await spoiled(.algRS512)
        let key = StandInWorld.rsaKeys[0]
        let published = try RSAPublicKey(modulus: key.modulus, exponent: key.exponent)
        #expect(published.isValidSignature(parts.signature, over: parts.signed, using: .sha512))
    }

    @Test func `HS256 is a sound code under the public key's text`() async throws {
        let parts = try await spoiled(.algHS256)
        let secret = SecretBytes(StandInWorld.keys[0].key.publicPEM)
        #expect(HMACKey(secret).code(for: parts.signed) == parts.signature)
    }

    @Test func `the changed claims of a tampered one make an administrator of a reader`() async throws {
        let world = StandInWorld()
        world.standIn.fail(.tamperedPayload)
        let claims = try claims(of: try await world.token(user: StandInWorld.ben))
        #expect(claims["user_role"]?.isText("ADMIN") == true)
    }

    private func spoiled(_ fault: StandInFault) async throws -> (signed: [UInt8], signature: [UInt8]) {
        let world = StandInWorld()
        world.standIn.fail(fault)
        let parts = try await world.token().split(separator: ".")
        return (Array("\(parts[0]).\(parts[1])".utf8), try #require(Base64URL.decode(String(parts[2]))))
    }
}
