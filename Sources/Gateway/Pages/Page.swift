import HTTP

/// One page as data: which texts, which values in them, and what a person can do next. `PageRenderer` makes the markup.
struct Page: Sendable {
    /// What a text shows at a place.
    enum Value: Sendable {
        case text(String)
        /// A word that an operator needs.
        case code(String)
        /// In seconds.
        case duration(Int64)
    }

    enum Label: Sendable {
        case text(PageText.Action)
        /// A name from the configuration, which is the same in every language.
        case name(String)
    }

    /// A link, or a form that changes something.
    enum Action: Sendable {
        /// `opensTab`: beside the page, which stays.
        case link(Label, to: String, isPrimary: Bool, opensTab: Bool = false)
        case button(Label, postsTo: String, fields: [(name: String, value: String)], isPrimary: Bool)

        var isForm: Bool {
            if case .button = self { true } else { false }
        }
    }

    /// A member in the list of a confirmation.
    struct Person: Sendable {
        let caption: PageText.Caption
        let label: String
        /// What distinguishes people with one name.
        let details: [String]
    }

    let name: PageName
    let status: HTTPStatus
    var values: [PageText.Placeholder: Value] = [:]
    /// Replaces the advice by the one for something that has failed several times.
    var isRepeated = false
    var people: [Person] = []
    var actions: [Action] = []

    var title: PageText { .title(name) }
    var happened: PageText { values[.team] == nil ? .happened(name) : .signOutOfTeam }
    var next: PageText { isRepeated ? .repeatedNext : .next(name) }
    /// The ticket of a confirmation's forms.
    var ticket: String? {
        for case .button(_, _, let fields, _) in actions {
            if let ticket = fields.first(where: { $0.name == "ticket" }) { return ticket.value }
        }
        return nil
    }
}
