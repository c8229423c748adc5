import HTTP
import Testing

@testable import Gateway

/// A partner's own markup for a page.
@Suite struct PageTemplateTests {
    private static let whole = """
        <!doctype html><html lang="{{language}}" dir='{{direction}}'><head>{{head}}<title>{{title}}</title></head>
        <body data-page="{{title}}">{{happened}}{{people}}{{next}}{{actions}}<p>{{request_id}}</p></body></html>
        """

    private static func refusal(_ text: String, _ page: PageName = .notFound) -> PageTemplate.Refusal? {
        do throws(PageTemplate.Refusal) {
            _ = try PageTemplate(text, for: page)
            return nil
        } catch { return error }
    }

    @Test(arguments: PageName.allCases) func `a whole template is taken for every page`(_ page: PageName) {
        #expect(Self.refusal(Self.whole, page) == nil)
    }

    @Test(arguments: [
        ("{{request_id}}", PageName.signOut, PageTemplate.Refusal.lacksForm), ("{{actions}}", .signOut, .lacksRequest),
        ("{{request_id}}{{actions}}", .signOut, .lacksHead), ("{{request_id}}", .confirmSwitch, .lacksTicket),
        ("{{request_id}}{{head}}", .confirmLogin, .lacksTicket), ("", .notFound, .lacksRequest),
        ("{{request_id}}{{Title}}", .notFound, .unknownPlace("Title")),
        ("{{ title }}", .notFound, .unknownPlace(" title ")),
        ("{{request_id}}{{title", .notFound, .unclosedPlace), ("<p id={{request_id}}>", .notFound, .unquoted(.request)),
        ("<a {{title}}>", .notFound, .unquoted(.title)), ("<a b=\"'\" c={{title}}>", .notFound, .unquoted(.title)),
        ("<a b=\"{{actions}}\">", .notFound, .markupInTag(.actions)), ("<p {{head}}>", .notFound, .markupInTag(.head)),
        ("<!-- it's --><p title={{title}}>", .notFound, .unquoted(.title)),
        ("<!--><p title={{title}}>", .notFound, .unquoted(.title)),
        ("{{request_id}}<p\tstyle = 'x'>", .notFound, .blocked(" style=")),
        ("{{request_id}}<SCRIPT>", .notFound, .blocked("<script")),
        ("{{request_id}}<style>", .notFound, .blocked("<style")),
        ("{{request_id}}<p style=\"\">", .notFound, .blocked(" style=")),
        ("{{request_id}}<base>", .notFound, .blocked("<base")),
    ])
    func `a template with a fault is refused`(_ text: String, _ page: PageName, _ refusal: PageTemplate.Refusal) {
        #expect(Self.refusal(text, page) == refusal)
    }

    @Test(arguments: [
        "1 < 2 {{request_id}}", "<p>{{request_id}}", "<p a=\">\">{{request_id}}", "<p a='{{request_id}}'>",
        "<!-- Partner's page -->{{head}}{{request_id}}",
    ])
    func `a template without one is taken`(_ text: String) { #expect(Self.refusal(text) == nil) }

    @Test func `a confirmation may have a form of its own, with the ticket`() {
        let form = "<form><input name=ticket value=\"{{ticket}}\"></form>{{request_id}}"
        #expect(
            Self.refusal(form + "{{head}}", .confirmSwitch) == nil && Self.refusal(form, .confirmSwitch) == .lacksHead)
    }

    @Test func `a large one is refused`() {
        let text = Self.whole + String(repeating: " ", count: PageTemplate.maximumSize - Self.whole.utf8.count)
        #expect(Self.refusal(text) == nil && Self.refusal(text + " ") == .tooLarge)
    }

    @Test func `it replaces one page, with escaped values`() throws {
        var templates = PageTemplates()
        templates.add(try PageTemplate(Self.whole, for: .confirmSwitch), file: "confirm_switch.html")
        templates.add(try PageTemplate("<p>Nur Deutsch {{request_id}}</p>", for: .notFound), file: "not_found.de.html")
        let renderer = PageRenderer(Branding(templates: templates))
        func html(_ page: Page, _ language: String) -> String {
            let request = TestWorld.request("/", headers: ["Accept-Language": language])
            return PageRendererTests.html(renderer.response(page, TestWorld.context(request)))
        }
        var page = PageRendererTests.page(.confirmSwitch)
        page.values[.person] = .text("\"><script>")
        let shown = html(page, "ar")
        #expect(shown.hasPrefix("<!doctype html><html lang=\"ar\" dir='rtl'>") && shown.contains("value=\"t1ck3t\""))
        #expect(!shown.contains("<script") && shown.contains("&quot;&gt;&lt;script&gt;"))
        #expect(html(PageRendererTests.page(.notFound), "de").hasPrefix("<p>Nur Deutsch "))
        #expect(html(PageRendererTests.page(.notFound), "en").hasPrefix("<!doctype html>\n<html"))
        #expect(html(PageRendererTests.page(.signedOut), "de").contains("class=\"card\""))
    }

    @Test(arguments: [
        ("sign_out.html", true), ("not_found.ja.html", true), ("signout.html", false), ("not_found.xx.html", false),
        ("not_found.htm", false), (".html", false), ("not_found.de.fr.html", false), ("Not_Found.html", false),
    ])
    func `a file is named for its page`(_ name: String, _ isKnown: Bool) {
        #expect((PageTemplates.subject(ofFile: name) != nil) == isKnown)
    }
}
