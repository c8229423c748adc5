import Foundation
import TestSupport
import Testing

/// `X-SSO-Assertion` as the app gets it, checked by PyJWT with the very lines that the manual shows.
@Suite(
    .namesProxy,
    .enabled(if: IndependentVerifier.isInstalled, "needs PyJWT and cryptography, as .ci/setup installs them"))
struct `The assertion behind a proxy` {
    @Test func `RT-20 a library that is not ours believes it, and nothing else`() async throws {
        try await ProxiedApp.behindEach { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            let forged = ["X-SSO-Assertion: e30.e30.e30", "X_SSO_Assertion: e30.e30.e30"]
            #expect(try await ben.ask("/dashboard", headers: forged).status == 200)
            let head = try #require(site.received("/dashboard").first)
            let tokens = IdentityHeader.values("x-sso-assertion", in: head)
            let token = try #require(tokens.first)
            #expect(tokens.count == 1)

            let verifier = try IndependentVerifier(site)
            let claims = try verifier.claims(of: token)
            #expect(claims["sub"] == Member.ben && claims["role"] == "USER" && claims["integration"] == "demo")
            #expect(claims["iss"] == site.url && claims["aud"] == "localhost")
            #expect(claims["installation_id"] == "icfg_AcmeAnalyticalEngines001")

            // The same one again while it is young: nothing is signed for each request.
            #expect(try await ben.ask("/again").status == 200)
            #expect(IdentityHeader.values("x-sso-assertion", in: site.received("/again").first ?? "") == [token])

            let parts = token.split(separator: ".").map(String.init)
            let last = parts[2].hasPrefix("A") ? "B" : "A"
            for bad in [
                "", "..", parts[0] + "." + parts[1] + ".",
                parts[0] + "." + parts[1] + "." + last + parts[2].dropFirst(),
                "eyJhbGciOiJub25lIn0." + parts[1] + ".", parts[1] + "." + parts[0] + "." + parts[2],
            ] {
                #expect(throws: IndependentVerifier.Refused.self, "\(bad)") { try verifier.claims(of: bad) }
            }
            #expect(throws: IndependentVerifier.Refused.self) {
                try IndependentVerifier(site, audience: "other.example").claims(of: token)
            }
            #expect(throws: IndependentVerifier.Refused.self) {
                try IndependentVerifier(site, issuer: "https://other.example").claims(of: token)
            }
        }
    }

    @Test func `another gateway's is worth nothing here`() async throws {
        func token(_ site: ProxiedApp) async throws -> String {
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            try await ben.ask("/x")
            return IdentityHeader.values("x-sso-assertion", in: site.received("/x").first ?? "").first ?? ""
        }
        try await ProxiedApp.run { site in
            let own = try await token(site)
            try await ProxiedApp.run { other in
                #expect(throws: IndependentVerifier.Refused.self) {
                    try IndependentVerifier(other, issuer: site.url).claims(of: own)
                }
                let claims = try IndependentVerifier(other).claims(of: try await token(other))
                #expect(claims["sub"] == Member.ben)
            }
        }
    }
}

/// The manual's Python, with this site's addresses instead of the example's.
private struct IndependentVerifier {
    struct Refused: Error { let said: String }

    static let isInstalled =
        ChildProcess(
            [Python.path, "-c", "import jwt, cryptography"], in: "/", output: "/dev/null")?.wait() == true

    private let directory: String
    private let program: String

    init(_ site: ProxiedApp, issuer: String? = nil, audience: String = "localhost") throws {
        directory = site.directory
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Gateway/Gateway.docc/Assertion.md")
        let manual = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(manual.firstRange(of: "```python\n"))
        let end = try #require(manual[start.upperBound...].firstRange(of: "```\n"))
        program =
            manual[start.upperBound..<end.lowerBound]
            .replacing("http://127.0.0.1:4180", with: "http://127.0.0.1:\(site.gatewayPort)")
            .replacing("https://app.partner.example", with: issuer ?? site.url)
            .replacing("\"app.partner.example\"", with: "\"\(audience)\"")
                + """

                import sys
                for name, value in who({"X-SSO-Assertion": sys.argv[1]}).items():
                    print(f"{name}={value}")
                """
    }

    func claims(of token: String) throws -> [String: String] {
        let output = "\(directory)/\(UUID().uuidString).claims"
        let python = ChildProcess([Python.path, "-c", program, token], in: directory, output: output)
        let isAccepted = python?.wait() == true
        let said = try String(contentsOfFile: output, encoding: .utf8)
        guard isAccepted else { throw Refused(said: said) }
        let pairs = said.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            .filter { $0.count == 2 }.map { ($0[0], $0[1]) }
        return Dictionary(pairs) { first, _ in first }
    }
}
