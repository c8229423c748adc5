import HTML

/// The texts of one language, from its file in `Texts`: lines of `key: text`, empty lines, and comments that begin with `#`.
struct PageTexts: Sendable {
    enum Refusal: Error, Equatable {
        case notUTF8
        /// Not `key: text`.
        case line(Int)
        case repeatedKey(String)
        case unknownPlaceholder(key: String, name: String)
    }

    /// A text is words and places for values.
    enum Part: Sendable, Equatable {
        case words(String)
        case place(PageText.Placeholder)
    }

    let language: PageLanguage
    /// By key.
    let parts: [String: [Part]]

    static func of(_ language: PageLanguage) -> PageTexts {
        guard let texts = published[language] else { preconditionFailure("no texts in \(language.rawValue)") }
        return texts
    }

    private static let published: [PageLanguage: PageTexts] = {
        var published: [PageLanguage: PageTexts] = [:]
        for language in PageLanguage.allCases {
            do { published[language] = try PageTexts(language, parsing: file(of: language)) } catch {
                preconditionFailure("Texts/\(language.rawValue).txt: \(error)")
            }
        }
        return published
    }()

    private static func file(of language: PageLanguage) -> [UInt8] {
        switch language {
        case .english: PackageResources.en_txt
        case .german: PackageResources.de_txt
        case .french: PackageResources.fr_txt
        case .spanish: PackageResources.es_txt
        case .japanese: PackageResources.ja_txt
        case .arabic: PackageResources.ar_txt
        }
    }

    init(_ language: PageLanguage, parsing file: [UInt8]) throws(Refusal) {
        guard let text = String(validating: file, as: UTF8.self) else { throw .notUTF8 }
        var parts: [String: [Part]] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let colon = line.firstRange(of: ": "), !line.hasSuffix(" ") else { throw .line(index + 1) }
            let key = String(line[..<colon.lowerBound])
            guard parts[key] == nil else { throw .repeatedKey(key) }
            parts[key] = try Self.parts(of: line[colon.upperBound...], key)
        }
        self.language = language
        self.parts = parts
    }

    private static func parts(of text: Substring, _ key: String) throws(Refusal) -> [Part] {
        var parts: [Part] = []
        var rest = text
        while let open = rest.firstIndex(of: "{") {
            let end = rest[open...].firstIndex(of: "}") ?? rest.endIndex
            let name = String(rest[open..<end].dropFirst())
            guard end < rest.endIndex, let place = PageText.Placeholder(rawValue: name) else {
                throw .unknownPlaceholder(key: key, name: name)
            }
            if open > rest.startIndex { parts.append(.words(String(rest[..<open]))) }
            parts.append(.place(place))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.words(String(rest))) }
        return parts
    }

    /// Without markup, for titles and buttons.
    func plain(_ text: PageText, _ values: [PageText.Placeholder: Page.Value] = [:]) -> String {
        parts(of: text).map { part in
            switch part {
            case .words(let words): words
            case .place(let place): values[place].map(plain) ?? ""
            }
        }.joined()
    }

    /// With each value set apart from the words around it, which may run in the other direction.
    func marked(_ text: PageText, _ values: [PageText.Placeholder: Page.Value] = [:]) -> HTML {
        let marked = parts(of: text).map { part -> HTML in
            guard case .place(let place) = part else {
                if case .words(let words) = part { return "\(words)" }
                return ""
            }
            switch values[place] {
            case .text(let text): return "<strong>\(text)</strong>"
            case .code(let code): return "<code>\(code)</code>"
            case .duration(let seconds): return "\(duration(seconds))"
            case nil: return ""
            }
        }
        return "\(marked)"
    }

    private func plain(_ value: Page.Value) -> String {
        switch value {
        case .text(let text), .code(let text): text
        case .duration(let seconds): duration(seconds)
        }
    }

    /// In minutes, rounded up, from a minute and a half on.
    private func duration(_ seconds: Int64) -> String {
        let isShort = seconds < 90
        let count = isShort ? max(seconds, 1) : (seconds + 59) / 60
        let form = language.pluralForm(of: count)
        return plain(isShort ? .seconds(form) : .minutes(form), [.count: .text("\(count)")])
    }

    private func parts(of text: PageText) -> [Part] {
        guard let parts = parts[text.key] else {
            preconditionFailure("Texts/\(language.rawValue).txt lacks \(text.key)")
        }
        return parts
    }
}
