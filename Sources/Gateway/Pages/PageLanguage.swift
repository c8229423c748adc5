import HTTP

/// A language of the pages. Each has a file of `Texts`.
enum PageLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case german = "de"
    case french = "fr"
    case spanish = "es"
    case japanese = "ja"
    case arabic = "ar"

    /// The language that a browser prefers, of those that there are; English where it names none of them.
    init(preferredBy headers: HTTPHeaders) {
        self = AcceptLanguage(headers).best(of: Self.allCases.map(\.rawValue)).flatMap(Self.init) ?? .english
    }

    /// For HTML's `dir`.
    var direction: String { self == .arabic ? "rtl" : "ltr" }

    /// The forms that numbers have in this language (Unicode CLDR, plural rules for cardinals).
    var pluralForms: [PluralForm] {
        switch self {
        case .english, .german, .french, .spanish: [.one, .other]
        case .japanese: [.other]
        case .arabic: [.one, .two, .few, .many, .other]
        }
    }

    /// The form for a whole number above zero.
    func pluralForm(of count: Int64) -> PluralForm {
        switch self {
        case .japanese: return .other
        case .english, .german, .french, .spanish: return count == 1 ? .one : .other
        case .arabic:
            switch (count, count % 100) {
            case (1, _): return .one
            case (2, _): return .two
            case (_, 3...10): return .few
            case (_, 11...99): return .many
            default: return .other
            }
        }
    }
}

/// The plural categories of Unicode CLDR, without `zero`.
enum PluralForm: String, Sendable {
    case one, two, few, many, other
}
