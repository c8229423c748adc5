import HTTP
import JOSE
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@testable import ProviderStandIn

@Suite struct `The dashboard` {
    let world = StandInWorld()

    /// The addresses of the page's links that start a login, as a browser reads them.
    private func logins(_ page: String) -> [String] {
        page.split(separator: "href=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
            .filter { $0.hasPrefix("/sso/") }.map { $0.split(separator: "&amp;").joined(separator: "&") }
    }

    @Test func `has a working button for the plain case and for every deep link`() async throws {
        let page = try await world.get("/").text
        var seen: Set<String> = []
        for address in logins(page) {
            let response = try await world.get(address)
            let location = try #require(response.headers["Location"], "\(address)")
            let query = location.split(separator: "?")[1]
            for pair in try FormParameters(SecretBytes(query.utf8)).pairs {
                seen.insert(pair.name == "path" ? "path=\(pair.value.exposedText?.string ?? "")" : pair.name.string)
            }
        }
        let wanted: Set = [
            "resource_id", "product_id", "project_id", "check_id", "experimentation_item_id", "invoice_id", "pr", "url",
            "support", "path=billing", "path=usage", "path=onboarding", "path=secrets", "path=support",
        ]
        #expect(seen.isSuperset(of: wanted), "\(wanted.subtracting(seen))")
        #expect(page.contains("Open in Provider"))
    }

    @Test func `acts for the member that was chosen`() async throws {
        let page = try await world.get("/?user=\(StandInWorld.ben)").text
        #expect(logins(page).allSatisfy { $0.contains("user=\(StandInWorld.ben)") })
        let stranger = try await world.get("/?user=%22%3E%3Cscript%3E").text
        #expect(logins(stranger).allSatisfy { $0.contains("user=\(StandInWorld.ada)") })
        #expect(!stranger.contains("<script"))
    }

    @Test func `shows what the settings say, whatever is in them, as text`() async throws {
        let world = StandInWorld { settings in
            settings.integrations[0].installations[0].members[0].name = "<b>Ada</b>"
            settings.integrations[0].installations[0].resources[0].name = "\" onmouseover=\"x"
            settings.integrations[0].installations[0].accountName = "<script>alert(1)</script>"
        }
        let page = try await world.get("/").text
        #expect(page.contains("&lt;b&gt;Ada&lt;/b&gt;") && page.contains("&quot; onmouseover=&quot;x"))
        #expect(!page.contains("<script") && !page.contains("\" onmouseover"))
    }

    @Test func `says which fault is on and explains them all`() async throws {
        #expect(try await !world.get("/").text.contains("Make it right"))
        world.standIn.fail(.expired, times: 2)
        let page = try await world.get("/").text
        #expect(page.contains("Make it right") && page.contains("2 more times"))
        for fault in StandInFault.allCases where fault != .none {
            #expect(page.contains("<code>\(fault.rawValue)</code>"), "\(fault)")
        }
    }

    @Test func `loads nothing from anywhere and runs nothing`() async throws {
        let response = try await world.get("/")
        #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
        let policy = try #require(response.headers["Content-Security-Policy"])
        #expect(policy.contains("default-src 'none'") && !policy.contains("script") && !policy.contains("unsafe"))
        // The browser applies the style only if this is its hash.
        let style = try #require(response.text.firstMatch(of: /<style>([^<]*)<\/style>/)).output.1
        let hash = Base64URL.encode(SHA256.hash(Array(style.utf8))) + "="
        #expect(policy.contains("style-src 'sha256-\(hash)';") && style.utf8.count < 6 * 1024)
        #expect(!response.text.contains("src=") && !response.text.contains("<script"))
    }

    @Test(arguments: [
        ("/nothing", HTTPMethod.get, Verdict(404, "not_found")), ("/v1//x", .get, Verdict(404, "not_found")),
        ("/stand-in/nothing", .post, Verdict(404, "not_found")), ("/", .post, Verdict(405, "method_unknown")),
        ("/v1/integrations/sso/token", .get, Verdict(405, "method_unknown")),
        ("/stand-in/counters", .post, Verdict(405, "method_unknown")),
    ])
    func `is not alone: other addresses answer in the marketplace's shape of errors`(
        _ target: String, _ method: HTTPMethod, _ verdict: Verdict
    ) async throws {
        #expect(try await Verdict(world.send(method, target)) == verdict)
    }
}
