import HTTP
import ProviderStandIn
import TestSupport
import Testing

@testable import Gateway

/// The pages as browsers get them.
@Suite struct PageTests {
    private static let browser: HTTPHeaders = [
        "Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "ar,en;q=0.5",
    ]

    @Test func `an unknown address is a page for a person and JSON for a program`() async throws {
        try await LoginWorld.run { world in
            let page = try await world.browser().get("/sso/nothing", headers: Self.browser)
            #expect(page.status == 404 && page.title == PageTexts.of(.arabic).plain(.title(.notFound)))
            #expect(page.headers["Content-Language"] == "ar" && page.body.contains("dir=\"rtl\""))
            #expect(page.body.contains("href=\"/\""))
            for headers: HTTPHeaders in [
                [:], ["Accept": "application/json"], ["Accept": "text/html", "X-Requested-With": "XMLHttpRequest"],
                ["Accept": "text/html", "Sec-Fetch-Mode": "cors"],
            ] {
                let answer = try await world.browser().get("/sso/nothing", headers: headers)
                #expect(answer.status == 404 && answer.body.contains(#""code":"not_found""#), "\(headers)")
                #expect(answer.headers["Content-Type"] == "application/json; charset=utf-8")
            }
        }
    }

    @Test func `each page of a flow has the language of its own request`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            let failed = try await browser.get("/sso/callback?mode=sso&code=x", headers: ["Accept-Language": "de"])
            #expect(failed.status == 400 && failed.title == "Dieser Anmeldelink gilt nicht mehr")
            #expect(try await browser.callBack(world.standIn.click()).status == 303)
            let query = world.standIn.click(LoginWorld.ben)
            let confirmation = try await browser.get("/sso/callback?\(query)", headers: ["Accept-Language": "fr"])
            #expect(confirmation.title == "Se connecter plutôt en tant que Ben Viewer\u{202f}?")
            let out = try await browser.get("/sso/sign_out", headers: ["Accept-Language": "ja"])
            #expect(out.title == "サインアウトしますか？" && out.body.contains("lang=\"ja\""))
        }
    }

    @Test func `a reload applies the branding`() async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn) { world in
            let logo = "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>"
            try world.folder.write("logo.svg", logo)
            let before = try await world.browser().get("/sso/sign_out")
            #expect(!before.body.contains("<header>"))
            try world.reconfigure(
                extra: """
                    branding:
                      name: Acme
                      logo: \(world.folder.path)/logo.svg
                      accent: "#0a58ca"
                      accent_dark: "#6ea8fe"
                    """)
            let line = try await world.reload("configuration_reloaded")
            #expect(line.contains("accent_dark"))
            let after = try await world.browser().get("/sso/sign_out")
            let start = try #require(after.body.firstRange(of: "<header><img src=\"")?.upperBound)
            let path = String(after.body[start...].prefix { $0 != "\"" })
            let picture = try await world.browser().get(path)
            #expect(picture.status == 200 && picture.body == logo)
            #expect(
                picture.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox")
            // A fault changes nothing.
            try world.reconfigure(extra: "branding: { name: Acme, accent: \"#ffee00\" }")
            _ = try await world.reload("configuration_refused")
            #expect(try await world.browser().get("/sso/sign_out").body.contains(path))
        }
        await standIn.stop()
    }
}
