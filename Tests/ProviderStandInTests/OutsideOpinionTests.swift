import Foundation
import JOSE
import TestSupport
import Testing
import Untrusted

@testable import ProviderStandIn

/// Another implementation, in another language, judges the tokens.
@Suite struct `An outside opinion` {
    static let isThere: Bool = {
        let probe = ChildProcess(["python3", "-c", "import joserfc"], in: "/", output: "/dev/null")
        return probe?.wait() ?? false
    }()

    /// Prints `name ok` or `name refused` for each line of tokens.txt, by the keys of jwks.json.
    static let script = """
        import json
        from joserfc import jwt
        from joserfc.jwk import KeySet
        keys = KeySet.import_key_set(json.load(open("jwks.json")))
        checks = json.load(open("checks.json"))
        rules = jwt.JWTClaimsRegistry(
            now=checks["now"], leeway=0, iss={"essential": True, "value": checks["iss"]},
            aud={"essential": True, "value": checks["aud"]}, exp={"essential": True}, iat={"essential": True})
        for line in open("tokens.txt"):
            name, token = line.split()
            try:
                rules.validate(jwt.decode(token, keys, algorithms=["RS256"]).claims)
                print(name, "ok")
            except Exception:
                print(name, "refused")
        """

    /// Bad in what any verifier of the standards sees; the rest is the marketplace's own.
    static let refused: Set<StandInFault> = [
        .algNone, .algHS256, .algRS512, .unknownKid, .retiredKid, .wrongIssuer, .issuerSlash, .foreignAudience,
        .expired, .expiredWithinSkew, .notBeforeFuture, .issuedInFuture, .noIssuer, .noAudience, .noExpiry,
        .noIssuedAt, .resourceToken, .signInToken, .tamperedPayload, .tamperedSignature,
    ]
    static let accepted: Set<StandInFault> = [
        .none, .parentClaims, .noEmail, .nonASCIIName, .roleLowerCase, .roleUnknown, .systemToken, .typeAccessToken,
        .audienceArrayOne, .noUser, .noRole,
    ]

    @Test(.enabled(if: isThere, "python3 has no joserfc: the outside opinion is skipped"))
    func `agrees about what is good and what is bad`() async throws {
        let world = StandInWorld()
        let folder = try TemporaryFolder()
        var lines: [String] = []
        for fault in Self.refused.union(Self.accepted) {
            world.standIn.fail(fault)
            lines.append("\(fault.rawValue) \(try await world.token())")
        }
        world.standIn.fail(.none)
        let checks: JSONObject = [
            "now": .integer(world.now), "iss": .string(world.settings.issuer),
            "aud": .string(world.integration.clientID),
        ]
        try folder.write("tokens.txt", lines.joined(separator: "\n"))
        try folder.write("jwks.json", try await world.get("/.well-known/jwks").text)
        try folder.write("checks.json", String(decoding: checks.encoded, as: UTF8.self))
        try folder.write("judge.py", Self.script)
        let output = folder.path("output.txt")
        let judge = try #require(ChildProcess(["python3", "judge.py"], in: folder.root, output: output))
        #expect(judge.wait())
        let text = try String(contentsOfFile: output, encoding: .utf8)
        let said = Set(text.split(separator: "\n").map(String.init))
        let expected = Self.refused.map { "\($0.rawValue) refused" } + Self.accepted.map { "\($0.rawValue) ok" }
        #expect(said == Set(expected), "\(said.symmetricDifference(expected).sorted())")
    }
}
