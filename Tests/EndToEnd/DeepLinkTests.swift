import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn

/// RT-117: deep links that are unusual and harmless, through whole logins.
@Suite struct `Deep links of ordinary people` {
    @Test(
        arguments: [
            ("resource_id=caf%C3%A9", "/resources/caf%C3%A9"),
            ("resource_id=%E5%B1%B1%E7%94%B0+1", "/resources/%E5%B1%B1%E7%94%B0%201"),
            ("resource_id=a+b", "/resources/a%20b"), ("resource_id=a%2Bb", "/resources/a%2Bb"),
            ("resource_id=a%26b%3Dc", "/resources/a%26b%3Dc"),
            ("resource_id=%40team%3Adb~1", "/resources/%40team%3Adb~1"),
            ("resource_id=a%2Fb", "/dashboard"), ("resource_id=a%5Cb", "/dashboard"),
            ("resource_id=a%3Fb", "/dashboard"), ("resource_id=a%23b", "/dashboard"),
            ("resource_id=a%2525b", "/dashboard"), ("resource_id=..", "/dashboard"), ("resource_id=.", "/dashboard"),
            ("resource_id=", "/dashboard"), ("resource_id=%C2%85", "/dashboard"),
            ("url=/caf%C3%A9+au+lait%3Fq%3D%E5%B1%B1", "/caf%C3%A9%20au%20lait?q=%E5%B1%B1"),
            ("url=https://app.example.test/a+b", "https://app.example.test/a%20b"),
            ("url=+//evil.test", "/dashboard"), ("url=/+/evil.test", "/%20/evil.test"),
            ("url=https://app.example.test+.evil.test/", "/dashboard"),
            ("url=https://app.example.test%C3%A9/", "/dashboard"),
        ])
    func `RT-117: values beyond ASCII and with blanks arrive percent-encoded`(_ query: String, _ location: String)
        async throws
    {
        try await LoginWorld.run { world in
            let answer = try await world.browser().callBack(world.standIn.click() + "&" + query)
            #expect(answer.status == 303 && answer.location == location)
            // A query in the log would be a leak; a count is not.
            #expect(!world.log.all.contains { $0.contains("evil") })
        }
    }

    @Test(arguments: ["resource_id", "invoice_id", "url", "path", "support", "pr"])
    func `RT-117: a value that is too long is passed over and counted`(_ name: String) async throws {
        try await LoginWorld.run { world in
            let long = "/" + String(repeating: "a", count: 6000)
            let query = world.standIn.click() + "&\(name)=\(name == "url" ? long : String(long.dropFirst()))"
            let answer = try await world.browser().callBack(query)
            #expect(answer.status == 303 && answer.location == "/dashboard" && answer.session != nil)
            let metrics = try await world.client.send(
                HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(10)))
            #expect(
                metrics.body.exposedText?.string.contains("\nsso_gateway_deep_link_values_ignored_total 1\n") == true)
        }
    }

    @Test func `RT-117: the way home may have a blank or letters beyond ASCII`() async throws {
        try await LoginWorld.run { world in
            let landed = try await world.browser().open("/sso/start?rd=/caf%C3%A9+1")
            #expect(landed.location == "/caf%C3%A9%201")
        }
    }

    /// Chromium sends `Origin: null` from a page without a referrer, and the real origin where the page has this.
    @Test func `RT-117: a page with a form lets the browser say where the form came from, and no other page does`()
        async throws
    {
        try await LoginWorld.run { world in
            let meta = #"<meta name="referrer" content="strict-origin">"#
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click(LoginWorld.ada))
            let confirmation = try await browser.callBack(world.standIn.click(LoginWorld.ben))
            let signOut = try await browser.get("/sso/sign_out")
            for page in [confirmation, signOut] {
                #expect(page.body.contains("<form") && page.body.contains(meta))
                #expect(page.headers["Referrer-Policy"] == "no-referrer")
            }
            let failed = try await browser.callBack("code=made-up")
            #expect(!failed.body.contains("<form") && !failed.body.contains("name=\"referrer\""))
        }
    }
}
