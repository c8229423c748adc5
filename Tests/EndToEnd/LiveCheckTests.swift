import CurlHTTPClient
import Foundation
import HTTP
import MicroHTTPServer
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import ProviderStandIn

/// `check --live` against the stand-in and against broken servers.
@Suite struct LiveCheckTests {
    struct Report: Decodable {
        struct Check: Decodable, Equatable {
            let integration: String, check: String, result: String, message: String
        }

        let checks: [Check]
        let failed: Int
        let warnings: Int

        func result(_ name: String) -> String? { checks.first { $0.check == name }?.result }
        func message(_ name: String) -> String { checks.first { $0.check == name }?.message ?? "" }
    }

    /// `change` edits the configuration's text.
    private func check(
        _ marketplace: String, _ options: [String] = [], extra: String = "",
        _ change: (String) -> String = { $0 }
    ) async throws -> (code: Int32, report: Report) {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: marketplace, extra: extra)
        try folder.write("gateway.yaml", change(try String(contentsOfFile: file, encoding: .utf8)))
        let (code, output) = try await GatewayProcess.run(
            ["check", "--config", file, "--live", "--json"] + options, in: folder)
        #expect(!output.contains("canary"), "\(output)")
        return (code, try JSONDecoder().decode(Report.self, from: Data(output.utf8)))
    }

    @Test func `every check succeeds with the stand-in, and nothing is spent`() async throws {
        let standIn = try ServeTests.standIn()
        let (code, report) = try await check(standIn.url) {
            $0.replacing("    slug:", with: "    issuer: \(standIn.url)\n    slug:")
        }
        #expect(code == 0 && report.failed == 0 && report.warnings == 0, "\(report)")
        #expect(
            report.checks.map(\.check)
                == ["audience", "jwks_url", "keys", "clock", "api_url", "installation_token", "sso_url"])
        #expect(report.checks.allSatisfy { $0.integration == "acme" && $0.result == "ok" })
        #expect(report.message("keys").contains("(RS256)"), "\(report)")
        let counters = standIn.counters
        #expect(counters.exchanges == 0 && counters.codes == 0 && counters.keyFetches == 1)
        await standIn.stop()
    }

    @Test func `people get aligned lines after the configuration, without colours in a file`() async throws {
        let standIn = try ServeTests.standIn()
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: standIn.url)
        let (code, output) = try await GatewayProcess.run(["check", "--config", file, "--live"], in: folder)
        #expect(code == 0)
        #expect(output.contains("public_url: "))
        let host = "127.0.0.1:\(standIn.server.port)"
        #expect(output.contains("\n✓ acme  jwks_url            \(host): connected, on this machine, status 200\n"))
        #expect(output.contains("\n! acme  audience            the keys come from \(host), another host;"))
        #expect(output.hasSuffix("7 checks, 0 failed, 1 with a warning.\n"))
        #expect(!output.contains("\u{1b}"))
        await standIn.stop()
    }

    @Test(arguments: [
        (StandInFault.none, "ok", "logins go to 127.0.0.1:"), (.discoveryGarbage, "failed", "not a JSON object"),
        (.discovery500, "failed", "status 500"),
        (.discoveryOtherIssuer, "failed", "it is the document of https://elsewhere.example"),
        (.discoveryPlainHTTP, "failed", "token_endpoint is missing or no https:// address"),
        (.discoveryNoSecret, "failed", "neither client_secret_post nor client_secret_basic"),
    ])
    func `with oidc_path the issuer's metadata are read`(fault: StandInFault, result: String, words: String)
        async throws
    {
        var plan = LoginWorld.Plan()
        plan.integrations = [ProcessWorld.integration]
        plan.integrations[0].oidcLoginURL = LoginWorld.origin + "/sso/oidc"
        let standIn = try LoginWorld.standIn(plan)
        standIn.fail(fault)
        let (code, report) = try await check(standIn.url) {
            $0.replacing("    slug:", with: "    issuer: \(standIn.url)\n    oidc_path: /sso/oidc\n    slug:")
        }
        #expect(code == (result == "ok" ? 0 : 1) && report.result("discovery") == result, "\(report)")
        #expect(report.message("discovery").contains(words), "\(report)")
        await standIn.stop()
    }

    @Test func `keys that the metadata do not name are a warning`() async throws {
        var plan = LoginWorld.Plan()
        plan.integrations = [ProcessWorld.integration]
        plan.integrations[0].oidcLoginURL = LoginWorld.origin + "/sso/oidc"
        let standIn = try LoginWorld.standIn(plan)
        let (code, report) = try await check(standIn.url) {
            $0.replacing("    slug:", with: "    issuer: \(standIn.url)\n    oidc_path: /sso/oidc\n    slug:")
                .replacing("/.well-known/jwks\n", with: "/.well-known/jwks.json\n")
        }
        #expect(code == 0 && report.result("discovery") == "warning", "\(report)")
        await standIn.stop()
    }

    @Test func `--credentials finds out that the client secret is refused`() async throws {
        let standIn = try ServeTests.standIn()
        let good = try await check(standIn.url, ["--credentials"])
        #expect(good.code == 0 && good.report.result("credentials") == "ok", "\(good.report)")
        let wrong = try await check(standIn.url, ["--credentials"]) {
            $0.replacing(/client_secret_file: .*/, with: "client_secret: of-the-sandbox")
        }
        #expect(wrong.code == 1 && wrong.report.result("credentials") == "failed")
        #expect(wrong.report.message("credentials").contains("refused (403)"), "\(wrong.report)")
        #expect(standIn.counters.codes == 0)
        await standIn.stop()
    }

    @Test func `an expired certificate is named`() async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("old", for: "DNS:localhost", ca: "ca", days: 0)
        let port = try tls.serve("old")
        // Its last second.
        try await Task.sleep(for: .milliseconds(1100))
        let (code, report) = try await check("https://localhost:\(port)", extra: "ca_file: \(tls.path("ca.pem"))")
        #expect(code == 1)
        for name in ["jwks_url", "api_url", "sso_url"] {
            #expect(report.result(name) == "failed")
            #expect(report.message(name).contains("certificate has expired"), "\(report)")
        }
        #expect(report.result("keys") == nil && report.result("clock") == nil)
    }

    @Test(arguments: [
        ("https://marketplace.example.invalid", "the name does not resolve"),
        // Port 1 has no listener on a usual machine.
        ("https://localhost:1", "no connection (Failed to connect to localhost port 1"),
    ])
    func `a server that cannot be reached is named with the reason`(marketplace: String, reason: String) async throws {
        let (code, report) = try await check(marketplace)
        #expect(code == 1)
        #expect(report.message("jwks_url").contains(reason), "\(report)")
    }

    /// A response with a key set, a date of that many seconds from now, and further fields.
    private static func answer(_ keys: String, seconds: Double = 0, _ fields: String = "") -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let date = format.string(from: Date(timeIntervalSinceNow: seconds))
        return "HTTP/1.1 200 OK\r\nDate: \(date)\r\n\(fields)Content-Length: \(keys.utf8.count)\r\n\r\n\(keys)"
    }

    private static func keys() async throws -> String {
        let standIn = try ServeTests.standIn()
        let client = try CurlHTTPClient(ClientSettings())
        defer { client.stop() }
        let request = HTTPClientRequest(.get, standIn.url + "/.well-known/jwks", timeout: .seconds(20))
        let keys = try await client.send(request).body.exposedText?.string ?? ""
        await standIn.stop()
        return keys
    }

    private func check(answering answer: @escaping @Sendable (String) -> String, _ change: (String) -> String = { $0 })
        async throws -> (code: Int32, report: Report)
    {
        let server = try ScriptedServer(.repeated([.reply(answer)]))
        defer { server.stop() }
        return try await check("http://127.0.0.1:\(server.port)", [], extra: "", change)
    }

    @Test(arguments: [
        (#"{"keys":[]}"#, "the set has no usable key for RS256"), ("<html>", "not a usable key set"),
        (#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"a"}]}"#, "the set has no usable key for RS256"),
    ])
    func `a wrong key set is named`(keys: String, reason: String) async throws {
        let (code, report) = try await check { _ in Self.answer(keys) }
        #expect(code == 1)
        #expect(report.result("jwks_url") == "ok" && report.result("keys") == "failed")
        #expect(report.message("keys").contains(reason), "\(report)")
    }

    @Test(arguments: [
        (-3600, "", "failed", "ahead of"), (3600, "", "failed", "behind"), (-45, "", "warning", "ahead of"),
        (0, "", "ok", "this machine is"),
        // A cache adds the time since the origin answered.
        (-3600, "Age: 3600\r\n", "ok", "this machine is"),
    ])
    func `the clock is compared with the answer's date`(
        seconds: Int, fields: String, result: String, words: String
    ) async throws {
        let keys = try await Self.keys()
        let (code, report) = try await check { _ in Self.answer(keys, seconds: Double(seconds), fields) }
        #expect(report.result("clock") == result, "\(report)")
        #expect(report.message("clock").contains(words), "\(report)")
        #expect(code == (result == "failed" ? 1 : 0))
    }

    @Test func `a difference above clock_skew fails, whatever it is`() async throws {
        let keys = try await Self.keys()
        let (code, report) = try await check(answering: { _ in Self.answer(keys, seconds: -20) }) {
            $0.replacing("    slug:", with: "    clock_skew: 5s\n    slug:")
        }
        #expect(code == 1 && report.result("clock") == "failed", "\(report)")
    }

    @Test func `an unknown slug is a hint, and so is a slug that two integrations have`() async throws {
        let keys = try await Self.keys()
        let (code, report) = try await check(answering: { request in
            request.contains("/sso/integrations/")
                ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" : Self.answer(keys)
        })
        #expect(code == 0 && report.result("slug") == "warning", "\(report)")
    }

    @Test func `the token source is tried`() async throws {
        let standIn = try ServeTests.standIn()
        let folder = try TestFolder()
        let tokens = try folder.write("tokens.json", "{}")
        for (source, result, words) in [
            ("source: store", "ok", "0 of 0 installations have a token"),
            ("source: file\n      path: \(tokens)", "ok", "\(tokens) is readable"),
            (
                "source: client_credentials\n      token_url: http://127.0.0.1:1/token", "failed",
                "unreachable (Failed to connect to 127.0.0.1 port 1"
            ),
            (
                """
                source: client_credentials
                      token_url: \(standIn.url)/login/oauth/token
                      parameters: { installation_id: "{installation_id}" }
                """, "warning", "no installation is stored yet"
            ),
            (
                """
                source: client_credentials
                      token_url: \(standIn.url)/login/oauth/token
                      parameters: { installation_id: \(ProcessWorld.integration.installations[0].id) }
                """, "ok", "granted a token"
            ),
        ] {
            let (code, report) = try await check(standIn.url) {
                $0.replacing(
                    /installation_token:\n(      .*\n|        .*\n)*/, with: "installation_token:\n      \(source)\n")
            }
            #expect(report.result("installation_token") == result, "\(source): \(report)")
            #expect(report.message("installation_token").contains(words), "\(report)")
            #expect(code == (result == "failed" ? 1 : 0))
        }
        await standIn.stop()
    }

    @Test func `--credentials without --live is wrong usage`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9")
        #expect(try await GatewayProcess.run(["check", "--config", file, "--credentials"], in: folder).code == 64)
    }
}
