import HTTP
import TestSupport
import Testing

@testable import Gateway

/// Which language a browser gets (RFC 9110 section 12.5.4).
@Suite struct AcceptLanguageTests {
    private static func language(_ values: String...) -> PageLanguage {
        PageLanguage(preferredBy: HTTPHeaders(values.map { .init(name: "Accept-Language", value: $0) }))
    }

    @Test(arguments: [
        ("de", PageLanguage.german), ("de-AT,de;q=0.9,en;q=0.5", .german), ("DE-ch", .german),
        ("fr;q=0.3, es", .spanish),
        ("en;q=0.5, ja;q=0.51", .japanese), ("ja;q=0.5, en;q=0.5", .japanese), ("ar-EG", .arabic),
        ("zh-Hans-CN, fr;q=0.1", .french), ("de;q=0, es;q=0.001", .spanish), ("es ; q=0.8 ,\tfr;q=1.000", .french),
        (",, de", .german), ("*, de;q=0.1", .german),
        // Nothing that there is.
        ("", .english), ("*", .english), ("zh", .english), ("de;q=0", .english), ("deu", .english), ("d", .english),
    ])
    func `the accepted language with the highest weight is used`(_ value: String, _ language: PageLanguage) {
        #expect(Self.language(value) == language)
    }

    @Test(arguments: [
        "de;q=1.001", "de;q=2", "de;q=0.0001", "de;q=", "de;q=.5", "de;q=0,5", "de;q=-1", "de;p=1", "de;q=1;q=1",
        "de q=1",
        "de;q=0.5x", "de_DE", "de-", "-de", "1de", "germanlanguage", "de-ninechars9", "dé", "de\u{0}", "*-de", "de;",
        ";q=1",
        "fr, de;q=9",
    ])
    func `a malformed header is ignored as a whole`(_ value: String) {
        #expect(Self.language(value) == .english)
        #expect(Self.language("ja", value) == .english)
    }

    @Test func `several fields are one list, and one that is too long is ignored`() {
        #expect(Self.language("zh", "de;q=0.5", "fr;q=0.6") == .french)
        let long = String(repeating: "zh,", count: 341)
        #expect(Self.language(long, "d") == .english && long.utf8.count == 1023)
        #expect(Self.language(String(long.dropFirst(3)), "de") == .german)
        #expect(Self.language(long, "de") == .english)
        #expect(PageLanguage(preferredBy: [:]) == .english)
    }
}
