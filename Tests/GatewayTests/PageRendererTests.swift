import HTTP
import Testing
import Untrusted

@testable import Gateway

/// What every page has, whichever it is and in whichever language.
@Suite struct PageRendererTests {
    private static let renderer = PageRenderer(Branding(name: "Acme", support: "mailto:help@acme.example"))
    private static let form: [Page.Action] = [
        .button(.text(.signIn), postsTo: "/sso/switch", fields: [("ticket", "t1ck3t")], isPrimary: true)
    ]

    /// Each page with all its parts.
    static func page(_ name: PageName) -> Page {
        let ada = Page.Person(caption: .signedIn, label: "Ada", details: ["ada@example.test", ""])
        return Page(
            name: name, status: .badRequest,
            values: [.person: .text("Ada"), .wait: .duration(300), .detail: .code("rd")], people: [ada],
            actions: name.hasForm ? form : [.link(.text(.signIn), to: "/sso/start?a=1&b=2", isPrimary: true)])
    }

    static func html(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    private static func context(_ language: String) -> RequestContext {
        TestWorld.context(TestWorld.request("/sso/start", headers: ["Accept-Language": language]))
    }

    @Test(arguments: PageLanguage.allCases)
    func `every page has its language, its landmarks and the request's number`(_ language: PageLanguage) throws {
        for name in PageName.allCases {
            let context = Self.context(language.rawValue)
            let response = Self.renderer.response(Self.page(name), context)
            let html = Self.html(response)
            #expect(response.headers["Content-Language"] == language.rawValue)
            #expect(response.headers["Vary"] == "Accept-Language")
            let direction = language == .arabic ? "rtl" : "ltr"
            #expect(html.contains(#"<html lang="\#(language.rawValue)" dir="\#(direction)">"#))
            for element in ["<header>", "<main>", "<h1>", "<footer>", "<title>"] {
                #expect(html.matches(of: try Regex(element)).count == 1, "\(name) \(element)")
            }
            #expect(html.contains("<code>\(context.id)</code>"), "\(name)")
            let title = PageTexts.of(language).plain(.title(name), Self.page(name).values)
            #expect(html.contains("<title>\(title) · Acme</title>"), "\(name)")
            #expect(html.contains(#"<a href="mailto:help@acme.example">"#), "\(name)")
            #expect(!html.contains("{"), "\(name)")
        }
    }

    @Test func `no page has a script, a style of its own, or anything from elsewhere`() {
        for name in PageName.allCases {
            let response = Self.renderer.response(Self.page(name), Self.context("en"))
            let html = Self.html(response).lowercased()
            for part in ["<script", "<style", " style=", "javascript:", "http:", "https:"] {
                #expect(!html.contains(part), "\(name) \(part)")
            }
            let policy = response.headers["Content-Security-Policy"] ?? ""
            #expect(policy.hasPrefix("default-src 'none'; style-src 'self'; img-src 'self'; form-action "))
            #expect(policy.hasSuffix("; base-uri 'none'; frame-ancestors 'none'") && !policy.contains("unsafe"))
            #expect(policy.contains(name.hasForm ? "form-action 'self'" : "form-action 'none'"), "\(name)")
            #expect(html.contains("name=\"referrer\"") == name.hasForm, "\(name)")
        }
    }

    @Test func `RT-108: values are escaped, and invisible characters are removed`() {
        var page = Self.page(.confirmSwitch)
        page.values[.person] = .text("<b>Eve\u{202e}\"")
        page.people = [.init(caption: .signedIn, label: "<i>", details: ["<u>"])]
        let html = Self.html(Self.renderer.response(page, Self.context("ar")))
        #expect(html.contains("<strong>&lt;b&gt;Eve&quot;</strong>") && html.contains("&lt;i&gt;"))
        #expect(!html.contains("<b>Eve") && !html.contains("<u>") && !html.contains("\u{202e}"))
    }

    @Test func `the third failure in a row gives another advice`() {
        var page = Self.page(.codeSpent)
        page.isRepeated = true
        let html = Self.html(Self.renderer.response(page, Self.context("en")))
        #expect(html.contains("failed several times in a row") && !html.contains("to get a fresh link"))
    }

    @Test func `the style is small, moves nothing, and knows no left and right`() throws {
        let style = String(decoding: try #require(Self.style(Self.renderer)).body, as: UTF8.self)
        #expect(style.utf8.count < 6 * 1024)
        for word in ["transition", "animation", "@import", "url(", "left", "right", "!important"] {
            #expect(!style.contains(word), "\(word)")
        }
    }

    /// WCAG 2.2, criteria 1.4.3 and 1.4.11, level AA.
    @Test func `every colour has enough contrast in both themes`() throws {
        let style = String(decoding: try #require(Self.style(Self.renderer)).body, as: UTF8.self)
        let blocks = style.split(separator: "@media (prefers-color-scheme: dark)")
        #expect(blocks.count == 2)
        for (theme, block) in zip(AccentColour.Theme.allCases, blocks) {
            func colour(_ name: String) throws -> AccentColour {
                let match = try #require(
                    block.firstMatch(of: try Regex("--\(name): (#[0-9a-f]{6})", as: (Substring, Substring).self)))
                return try #require(AccentColour(String(match.output.1)))
            }
            let paper = try colour("paper")
            #expect(paper == theme.paper)
            for ink in ["ink", "soft"] {
                #expect(try colour(ink).contrast(with: paper) >= 4.5, "\(theme) \(ink)")
                #expect(try colour(ink).contrast(with: colour("ground")) >= 4.5, "\(theme) \(ink)")
            }
            #expect(try colour("edge").contrast(with: paper) >= 3, "\(theme)")
            let accent = try #require(Branding.defaultAccent[theme])
            #expect(accent.contrast(in: theme) >= 4.5 && accent.contrast(with: accent.ink) >= 4.5, "\(theme)")
        }
    }

    static func style(_ renderer: PageRenderer) -> HTTPResponse? {
        renderer.assets.response(for: .init(renderer.assets.path("gateway.css")))
    }
}
