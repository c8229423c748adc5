import CurlHTTPClient
import Gateway
import HTTP
import MicroHTTPServer
import SecretMemory
import Testing
import Untrusted

@testable import sso_gateway

/// The sample app of `try`, as a browser meets it.
@Suite struct TryingTests {
    /// Signed in as one of the demonstration's members.
    private struct Visitor {
        let client: CurlHTTPClient
        let trying: Trying
        let cookie: String

        static let (ada, ben) = ("0ada0ada0ada0ada0ada0ada", "0be40be40be40be40be40be4")

        init(_ client: CurlHTTPClient, _ trying: Trying, as user: String) async throws {
            (self.client, self.trying) = (client, trying)
            let start = try await client.send(
                HTTPClientRequest(
                    .post, trying.standInURL + "/stand-in/codes", headers: ["Content-Type": "application/json"],
                    body: SecretBytes(#"{"integration":"acme","user":"\#(user)"}"#), timeout: .seconds(5)))
            let text = start.body.exposedText?.string ?? ""
            func value(_ name: String) -> String {
                text.split(separator: #""\#(name)":""#).last?.prefix { $0 != "\"" }.description ?? ""
            }
            let callback = try await client.send(
                HTTPClientRequest(
                    .get, trying.appURL + "/sso/callback?mode=sso&code=\(value("code"))&state=\(value("state"))",
                    timeout: .seconds(5)))
            let cookies = callback.headers.all("Set-Cookie").compactMap { $0.split(separator: ";").first }
            cookie = cookies.joined(separator: "; ")
            try #require(callback.status.rawValue == 303 && cookie.contains("sso_session="))
        }

        func page() async throws -> String {
            let answer = try await client.send(
                HTTPClientRequest(.get, trying.appURL + "/billing", headers: ["Cookie": cookie], timeout: .seconds(5)))
            return answer.body.exposedText?.string ?? ""
        }

        func press(_ kind: SampleBilling.Kind, origin: String? = nil, site: String = "same-origin") async throws -> Int
        {
            try await client.send(
                HTTPClientRequest(
                    .post, trying.appURL + kind.path,
                    headers: ["Cookie": cookie, "Origin": origin ?? trying.appURL, "Sec-Fetch-Site": site],
                    body: SecretBytes(""), timeout: .seconds(5))
            ).status.rawValue
        }

        func dashboard() async throws -> String {
            let answer = try await client.send(HTTPClientRequest(.get, trying.standInURL + "/", timeout: .seconds(5)))
            return answer.body.exposedText?.string ?? ""
        }
    }

    private static func run(as user: String, _ body: (Visitor) async throws -> Void) async throws {
        let trying = try await Trying.start(.init(), log: EventLog { _, _, _ in })
        let client = try CurlHTTPClient(ClientSettings())
        do { try await body(Visitor(client, trying, as: user)) } catch {
            await trying.stop()
            throw error
        }
        client.stop()
        await trying.stop()
    }

    @Test func `with --oidc a click is a standard login`() async throws {
        let trying = try await Trying.start(.init(isStandard: true), log: EventLog { _, _, _ in })
        let client = try CurlHTTPClient(ClientSettings())
        var (url, cookies, visited) = (trying.standInURL + "/sso/integrations/acme?path=billing", "", [String]())
        for _ in 0..<4 {
            let answer = try await client.send(
                HTTPClientRequest(
                    .get, url, headers: cookies.isEmpty ? [:] : ["Cookie": cookies], timeout: .seconds(10)))
            let set = answer.headers.all("Set-Cookie").compactMap { $0.split(separator: ";").first }
            if !set.isEmpty { cookies = set.joined(separator: "; ") }
            url = answer.headers["Location"] ?? ""
            visited.append(String(url.prefix { $0 != "?" }))
        }
        #expect(
            visited == [
                trying.appURL + "/sso/oidc", trying.standInURL + "/oauth/authorize",
                trying.appURL + "/sso/oidc/callback",
                "/billing",
            ])
        #expect(cookies.contains("sso_session="))
        client.stop()
        await trying.stop()
    }

    @Test func `usage and invoices go through the broker to the marketplace's dashboard`() async throws {
        try await Self.run(as: Visitor.ada) { ada in
            #expect(try await ada.page().contains("Nothing yet."))
            #expect(try await ada.press(.usage) == 303)
            // Two within a second, too.
            for _ in 0..<2 { #expect(try await ada.press(.invoice) == 303) }
            let page = try await ada.page()
            #expect(page.contains("Usage of today") && page.contains("Invoice sample-2</th>"), "\(page)")
            #expect(page.contains(">sent</span> 200, mi_") && !page.contains("refused"), "\(page)")
            let dashboard = try await ada.dashboard()
            #expect(dashboard.contains("$1.20") && dashboard.contains("sample-1"))
            #expect(dashboard.contains("Billing data of "))
            #expect(!page.contains(ada.trying.brokerToken) && !page.contains("stand-in-installation-token"))
        }
    }

    @Test func `the broker refuses them for a member without the role`() async throws {
        try await Self.run(as: Visitor.ben) { ben in
            #expect(try await ben.press(.invoice) == 303)
            let page = try await ben.page()
            #expect(page.contains("403 by the broker: This needs a member with the role ADMIN."), "\(page)")
            #expect(try await !ben.dashboard().contains("sample-1"))
        }
    }

    @Test(arguments: [
        ("http://localhost:1", "same-origin"), ("null", "same-origin"), (nil, "same-site"), (nil, "cross-site"),
        (nil, "none"),
    ])
    func `a form of another page sends nothing`(origin: String?, site: String) async throws {
        try await Self.run(as: Visitor.ada) { ada in
            let status = try await ada.press(.invoice, origin: origin, site: site)
            #expect(status == 403)
            let page = try await ada.page()
            #expect(page.contains("Nothing yet."))
        }
    }

    @Test func `without a session nothing is sent`() async throws {
        try await Self.run(as: Visitor.ada) { ada in
            let answer = try await ada.client.send(
                HTTPClientRequest(
                    .post, ada.trying.appURL + "/billing/invoice", headers: ["Origin": ada.trying.appURL],
                    body: SecretBytes(""), timeout: .seconds(5)))
            #expect([302, 401].contains(answer.status.rawValue))
            #expect(try await ada.page().contains("Nothing yet."))
        }
    }

    @Test func `the broker is there for curl`() async throws {
        try await Self.run(as: Visitor.ada) { ada in
            let answer = try await ada.client.send(
                HTTPClientRequest(
                    .get, "\(ada.trying.brokerURL)/v1/installations/\(ada.trying.installation)/account",
                    headers: ["Authorization": "Bearer \(ada.trying.brokerToken)"], timeout: .seconds(5)))
            #expect(answer.status == .ok && answer.body.exposedText?.string.contains("Analytical Engines") == true)
        }
    }
}
