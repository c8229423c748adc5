import HTTP
import Testing
import Untrusted

@testable import Gateway

/// The partner's colours, logo and templates.
@Suite struct BrandingTests {
    private static func colour(_ text: String) throws -> AccentColour { try #require(AccentColour(text)) }

    /// From the examples of WCAG's own pages and of common checkers.
    @Test(arguments: [
        ("#000000", "#ffffff", 21.0), ("#767676", "#ffffff", 4.54), ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0), ("#0000ff", "#ffffff", 8.59), ("#1f5eff", "#1f5eff", 1.0),
    ])
    func `contrast is that of WCAG`(_ one: String, _ other: String, _ expected: Double) throws {
        let contrast = try Self.colour(one).contrast(with: Self.colour(other))
        #expect(abs(contrast - expected) < 0.006, "\(contrast)")
        #expect(try Self.colour(other).contrast(with: Self.colour(one)) == contrast)
    }

    @Test func `words on every accent are readable`() {
        for red in stride(from: UInt8(0), through: 255, by: 51) {
            for green in stride(from: UInt8(0), through: 255, by: 51) {
                for blue in stride(from: UInt8(0), through: 255, by: 51) {
                    let colour = AccentColour(red: red, green: green, blue: blue)
                    #expect(colour.contrast(with: colour.ink) >= 4.5, "\(colour)")
                }
            }
        }
    }

    @Test(arguments: ["", "#", "1f5eff", "#1f5ef", "#1f5eff0", "#1f5efg", "red", "#1F5EFF\n", "rgb(1,2,3)"])
    func `only six hexadecimal digits are a colour`(_ text: String) { #expect(AccentColour(text) == nil) }

    @Test func `the colours are in the stylesheet, not in the page`() throws {
        let renderer = PageRenderer(
            Branding(accent: [.light: try Self.colour("#ffd400"), .dark: try Self.colour("#7a1fa2")]))
        let style = String(decoding: try #require(PageRendererTests.style(renderer)).body, as: UTF8.self)
        #expect(style.contains(":root{--accent:#ffd400;--accent-ink:#000000}"))
        #expect(style.contains("(prefers-color-scheme:dark){:root{--accent:#7a1fa2;--accent-ink:#ffffff}}"))
        // Browsers must not show the old colours from their cache.
        #expect(renderer.assets.path("gateway.css") != PageRenderer(Branding()).assets.path("gateway.css"))
    }

    @Test(arguments: [
        ("<svg/>", false), ("<svg>", true), ("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>", true),
        ("\u{feff}<?xml version=\"1.0\"?>\n<!-- a > b --><!DOCTYPE svg>\n<svg width=\"1\">", true),
        ("<html><svg>", false), ("<!-- <svg>", false), ("<svgx>", false), ("", false), ("GIF89a", false),
    ])
    func `the content tells an SVG`(_ text: String, _ isSVG: Bool) {
        #expect((try? Logo(Array(text.utf8)))?.format == (isSVG ? .svg : nil))
    }

    @Test func `a logo is small, and an SVG or PNG`() throws {
        let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
        let rest = [UInt8](repeating: 0, count: Logo.maximumSize - png.count)
        #expect(try Logo(png + rest).format == .png)
        #expect(throws: Logo.Refusal.tooLarge) { try Logo(png + rest + [0]) }
        #expect(throws: Logo.Refusal.format) { try Logo([0xff, 0xd8, 0xff]) }
    }

    /// A picture by itself is a document, whose scripts would run on the app's origin.
    @Test func `the logo cannot run a script`() throws {
        let logo = try Logo(Array("<svg onload=\"alert(1)\"></svg>".utf8))
        let renderer = PageRenderer(Branding(name: "Acme & Co", logo: logo))
        let path = renderer.assets.path("logo.svg")
        let picture = try #require(renderer.assets.response(for: UntrustedText(path)))
        #expect(picture.headers["Content-Type"] == "image/svg+xml" && picture.body == logo.content)
        #expect(picture.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        #expect(picture.headers["X-Content-Type-Options"] == "nosniff")
        let html = PageRendererTests.html(
            renderer.response(PageRendererTests.page(.notFound), TestWorld.context(TestWorld.request("/"))))
        #expect(html.contains("<header><img src=\"\(path)\" alt=\"Acme &amp; Co\"></header>"))
        #expect(path.hasPrefix("/sso/assets/logo-") && path.hasSuffix(".svg") && !html.contains("onload"))
    }
}
