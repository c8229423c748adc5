import HTML
import Testing

@Suite struct `Markup` {
    @Test(arguments: [
        ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;"), ("&lt;", "&amp;lt;"),
        ("</title><script>alert(1)</script>", "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onload=\"x", "&quot; onload=&quot;x"), ("Zoë 山田 \u{1f680}", "Zoë 山田 \u{1f680}"), ("", ""),
    ])
    func `takes a string in escaped, in text and in a quoted attribute`(_ value: String, _ escaped: String) {
        let text: HTML = "<p>\(value)</p>"
        #expect(text.text == "<p>\(escaped)</p>")
        let attribute: HTML = "<a title=\"\(value)\"></a>"
        #expect(attribute.text == "<a title=\"\(escaped)\"></a>")
    }

    @Test func `escapes a mark that a combining character hides`() {
        // One Character with what follows, so a comparison of Characters would miss it.
        let value = "<\u{301}b>\u{301}&\u{301}"
        let text: HTML = "\(value)"
        #expect(text.text == "&lt;\u{301}b&gt;\u{301}&amp;\u{301}")
    }

    /// U+202E shows what follows from right to left: "gpj.exe" as "exe.jpg".
    @Test(arguments: [
        ("Ada\u{202e}nimda", "Adanimda"), ("\u{2066}a\u{2069}\u{200e}\u{200f}\u{61c}", "a"),
        ("a\u{200b}b\u{200d}\u{ad}\u{feff}", "ab"), ("a\u{e0041}\u{e007f}", "a"),
        ("a\u{0}\u{7}\u{1b}[31m\u{7f}\u{9b}", "a[31m"), ("a\nb\tc\u{2028}d\u{2029}e\u{85}f", "a b c d e f"),
        ("Zo\u{308}e 山田 \u{1f680}", "Zo\u{308}e 山田 \u{1f680}"),
    ])
    func `RT-108: takes in only what can be seen of a string`(_ value: String, _ seen: String) {
        let text: HTML = "<p>\(value)</p><a title=\"\(value)\"></a>"
        #expect(text.text == "<p>\(seen)</p><a title=\"\(seen)\"></a>")
    }

    @Test func `takes markup in as it is, alone and as a list`() {
        let item: HTML = "<li>\("a&b")</li>"
        let list: HTML = "<ul>\([item, item])</ul>\(item)"
        #expect(list.text == "<ul><li>a&amp;b</li><li>a&amp;b</li></ul><li>a&amp;b</li>")
    }

    @Test func `takes numbers in`() {
        let text: HTML = "<b>\(-12)</b>"
        #expect(text.text == "<b>-12</b>")
    }

    @Test func `leaves a literal alone`() {
        let text: HTML = "<p class=\"a\">&amp; 'b'</p>"
        #expect(text.text == "<p class=\"a\">&amp; 'b'</p>")
    }

    @Test func `goes out as UTF-8`() {
        let text: HTML = "é\("<")"
        #expect(text.bytes == [0xc3, 0xa9] + Array("&lt;".utf8))
    }
}
