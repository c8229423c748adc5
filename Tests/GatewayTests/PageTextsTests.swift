import Testing
import Untrusted

@testable import Gateway

/// The texts of the pages, in every language.
@Suite struct PageTextsTests {
    private static let english = PageTexts.of(.english)

    @Test(arguments: PageLanguage.allCases)
    func `no text is missing, and none is there that no page shows`(_ language: PageLanguage) {
        let expected = Set(PageText.all(in: language).map(\.key))
        let texts = PageTexts.of(language)
        #expect(Set(texts.parts.keys) == expected)
    }

    @Test(arguments: PageLanguage.allCases)
    func `the places for values are those of the English text`(_ language: PageLanguage) {
        for (key, parts) in PageTexts.of(language).parts {
            let places = Set(Self.places(parts))
            // "a minute" needs no number.
            let isWithoutNumber = key.hasSuffix(".one") || key.hasSuffix(".two")
            let form = key.split(separator: ".")[0]
            let other = Self.english.parts[key] ?? Self.english.parts["\(form).other"]
            let expected = Set(Self.places(other ?? []))
            #expect(places == expected || (isWithoutNumber && places.isEmpty), "\(language) \(key)")
        }
    }

    @Test(arguments: PageLanguage.allCases)
    func `no text has markup, an address, a doubled blank or an invisible character`(_ language: PageLanguage) {
        for (key, parts) in PageTexts.of(language).parts {
            let words = parts.map { if case .words(let words) = $0 { words } else { "x" } }.joined()
            #expect(!words.contains { "<>&\"".contains($0) }, "\(language) \(key)")
            #expect(!words.contains("://") && !words.contains("  ") && words.isVisible, "\(language) \(key)")
            #expect(!words.isEmpty && words.first?.isWhitespace == false, "\(language) \(key)")
        }
    }

    @Test(arguments: PageLanguage.allCases.filter { $0 != .english })
    func `each text is translated`(_ language: PageLanguage) {
        for (key, parts) in PageTexts.of(language).parts where !key.hasPrefix("minutes") && !key.hasPrefix("request") {
            #expect(parts != Self.english.parts[key], "\(language) \(key)")
        }
    }

    /// What a translator can get wrong.
    @Test(arguments: [
        ("a: b\na: c\n", PageTexts.Refusal.repeatedKey("a")), ("a:b\n", .line(1)), ("# c\n\nwords\n", .line(3)),
        ("a: b \n", .line(1)), ("a: {nobody}\n", .unknownPlaceholder(key: "a", name: "nobody")),
        ("a: {person\n", .unknownPlaceholder(key: "a", name: "person")),
    ])
    func `a file with a fault is refused`(_ file: String, _ refusal: PageTexts.Refusal) {
        #expect(throws: refusal) { try PageTexts(.english, parsing: Array(file.utf8)) }
        #expect(throws: PageTexts.Refusal.notUTF8) { try PageTexts(.english, parsing: [0xff]) }
    }

    @Test(arguments: [
        (PageLanguage.english, Int64(1), "Please wait 1 second, then"), (.english, 89, "Please wait 89 seconds, then"),
        (.english, 90, "Please wait 2 minutes, then"), (.english, 300, "Please wait 5 minutes, then"),
        (.german, 45, "Bitte warten Sie 45 Sekunden und"), (.french, 300, "Veuillez attendre 5 minutes, puis"),
        (.spanish, 61, "Espere 61 segundos y"), (.japanese, 300, "5 分待ってから"),
        (.arabic, 1, "الانتظار ثانية واحدة،"), (.arabic, 2, "الانتظار ثانيتين،"), (.arabic, 5, "الانتظار 5 ثوانٍ،"),
        (.arabic, 15, "الانتظار 15 ثانية،"), (.arabic, 120, "الانتظار دقيقتين،"),
        (.arabic, 6000, "الانتظار 100 دقيقة،"),
    ])
    func `a page says how long to wait, in the forms of the language`(
        _ language: PageLanguage, _ seconds: Int64, _ beginning: String
    ) {
        let text = PageTexts.of(language).plain(.next(.tooManyAttempts), [.wait: .duration(seconds)])
        #expect(text.contains(beginning), "\(text)")
    }

    private static func places(_ parts: [PageTexts.Part]) -> [PageText.Placeholder] {
        parts.compactMap { if case .place(let place) = $0 { place } else { nil } }
    }
}
