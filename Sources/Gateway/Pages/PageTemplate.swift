import HTML

/// A partner's own markup for one page: an HTML document with places in double braces, such as `{{title}}`.
package struct PageTemplate: Sendable {
    /// What a template can show. Words and addresses are escaped; `isMarkup` places bring elements.
    package enum Place: String, Sendable, CaseIterable {
        case language, direction, title, request = "request_id", name, support, logo, stylesheet, icon, ticket
        case head, happened, next, people, actions

        var isMarkup: Bool { [.head, .happened, .next, .people, .actions].contains(self) }
    }

    /// Why a template is refused, in the order of the checks.
    package enum Refusal: Error, Sendable, Equatable {
        case tooLarge
        case unknownPlace(String)
        /// `{{` without `}}`.
        case unclosedPlace
        /// A value in a tag but not in quotes, where a blank in it would begin an attribute.
        case unquoted(Place)
        /// Elements in a tag.
        case markupInTag(Place)
        /// The page's Content-Security-Policy blocks it.
        case blocked(String)
        /// Nothing on the page would name the request.
        case lacksRequest
        /// The page could not be answered.
        case lacksForm
        case lacksTicket
        /// Without its `referrer` element, browsers send no origin with the form.
        case lacksHead
    }

    /// In bytes.
    package static let maximumSize = 64 * 1024

    private enum Part: Sendable {
        case words(HTML)
        case place(Place)
    }

    private var parts: [Part] = []

    /// `page`: the one that the template replaces.
    package init(_ text: String, for page: PageName) throws(Refusal) {
        guard text.utf8.count <= Self.maximumSize else { throw .tooLarge }
        var context = MarkupContext()
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            context.read(rest[..<open.lowerBound])
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else { throw .unclosedPlace }
            let name = String(rest[open.upperBound..<close.lowerBound])
            guard let place = Place(rawValue: name) else { throw .unknownPlace(name) }
            if context.isInTag {
                if place.isMarkup { throw .markupInTag(place) }
                if !context.isQuoted { throw .unquoted(place) }
            }
            parts += [.words(HTML(configured: String(rest[..<open.lowerBound]))), .place(place)]
            rest = rest[close.upperBound...]
        }
        parts.append(.words(HTML(configured: String(rest))))
        let lowered = text.lowercased()
        for blocked in ["<script", "<style", "<base", "javascript:"] where lowered.contains(blocked) {
            throw .blocked(blocked)
        }
        if lowered.contains(#/\sstyle\s*=/#) { throw .blocked(" style=") }
        try check(page)
    }

    private func check(_ page: PageName) throws(Refusal) {
        let places = parts.compactMap { if case .place(let place) = $0 { place } else { nil } }
        guard places.contains(.request) else { throw .lacksRequest }
        guard page.hasForm else { return }
        if !places.contains(.actions) {
            if page == .signOut { throw .lacksForm }
            guard places.contains(.ticket) else { throw .lacksTicket }
        }
        guard places.contains(.head) else { throw .lacksHead }
    }

    func filled(_ value: (Place) -> HTML) -> HTML {
        let filled = parts.map { part in
            switch part {
            case .words(let words): words
            case .place(let place): value(place)
            }
        }
        return "\(filled)"
    }
}

/// Where in an HTML document the text so far ends. Raw text elements are read like other text; their values are escaped as well.
private struct MarkupContext {
    private enum Position {
        case text
        /// Behind `<`, with up to two characters that may begin a comment.
        case opening(String)
        case tag
        case value(quote: Character)
        /// With its last characters.
        case comment(String)
    }

    private var position = Position.text

    var isInTag: Bool {
        switch position {
        case .text, .comment: false
        case .opening, .tag, .value: true
        }
    }

    var isQuoted: Bool { if case .value = position { true } else { false } }

    mutating func read(_ text: Substring) {
        for character in text { position = Self.position(after: character, at: position) }
    }

    private static func position(after character: Character, at position: Position) -> Position {
        switch position {
        case .text: return character == "<" ? .opening("") : .text
        case .opening(let start):
            let start = start + String(character)
            // `<!-->` is a whole comment.
            if start == "!--" { return .comment("--") }
            if "!--".hasPrefix(start) { return .opening(start) }
            // `a < b` is no tag.
            let isTag = start.count > 1 || character.isLetter || character == "/" || character == "?"
            return isTag ? inTag(character) : Self.position(after: character, at: .text)
        case .tag: return inTag(character)
        case .value(let quote): return character == quote ? .tag : position
        case .comment(let end):
            let end = String((end + String(character)).suffix(4))
            return end.hasSuffix("-->") || end == "--!>" ? .text : .comment(end)
        }
    }

    private static func inTag(_ character: Character) -> Position {
        switch character {
        case ">": .text
        case "\"", "'": .value(quote: character)
        default: .tag
        }
    }
}

/// The templates of the configuration, each for a page in one language or in all.
package struct PageTemplates: Sendable {
    private var templates: [String: PageTemplate] = [:]

    package init() {}

    /// The page and the language of a file: `sign_out.html` for all languages, `sign_out.de.html` for one; nil for another name.
    package static func subject(ofFile name: String) -> (page: PageName, language: String?)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.last == "html", let page = PageName(rawValue: parts[0]) else {
            return nil
        }
        if parts.count == 2 { return (page, nil) }
        return PageLanguage(rawValue: parts[1]).map { (page, $0.rawValue) }
    }

    /// Of the files in a directory of templates, for messages.
    package static let fileNames = PageName.allCases.map { "\($0.rawValue).html" }

    package mutating func add(_ template: PageTemplate, file name: String) { templates[name] = template }

    func template(of page: PageName, in language: PageLanguage) -> PageTemplate? {
        templates["\(page.rawValue).\(language.rawValue).html"] ?? templates["\(page.rawValue).html"]
    }
}
