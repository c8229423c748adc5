/// Every text of the pages. `key` is its name in the files of `Texts`.
enum PageText: Sendable, Hashable {
    enum Action: String, Sendable, CaseIterable {
        case signIn = "sign_in"
        case signInAgain = "sign_in_again"
        case signInInTab = "sign_in_in_tab"
        case tryAgain = "try_again"
        case tryOnceMore = "try_once_more"
        case backToMarketplace = "back_to_marketplace"
        case openApp = "open_app"
        case back
        case signOut = "sign_out"
        case `switch`
        case stay
        case cancel
    }

    /// Over a member in a confirmation.
    enum Caption: String, Sendable, CaseIterable {
        case signedIn = "signed_in"
        case wantsToSignIn = "wants_to_sign_in"
    }

    /// A place for a value, in braces: `{person}`.
    enum Placeholder: String, Sendable, CaseIterable {
        case person, team, wait, detail, count, request
    }

    case title(PageName)
    /// What happened, and whether anything is lost.
    case happened(PageName)
    /// The one thing to do next.
    case next(PageName)
    case signOutOfTeam
    /// Something has failed several times.
    case repeated
    case repeatedNext
    case action(Action)
    case caption(Caption)
    case seconds(PluralForm)
    case minutes(PluralForm)
    case request
    case support

    var key: String {
        switch self {
        case .title(let page): "\(page.rawValue).title"
        case .happened(let page): "\(page.rawValue).happened"
        case .next(let page): "\(page.rawValue).next"
        case .signOutOfTeam: "sign_out.happened_in_team"
        case .repeated: "repeated.happened"
        case .repeatedNext: "repeated.next"
        case .action(let action): "action.\(action.rawValue)"
        case .caption(let caption): "person.\(caption.rawValue)"
        case .seconds(let form): "seconds.\(form.rawValue)"
        case .minutes(let form): "minutes.\(form.rawValue)"
        case .request: "request"
        case .support: "support"
        }
    }

    /// What a translation must have.
    static func all(in language: PageLanguage) -> [PageText] {
        PageName.allCases.flatMap { [.title($0), .happened($0), .next($0)] }
            + [.signOutOfTeam, .repeated, .repeatedNext, .request, .support]
            + Action.allCases.map { .action($0) } + Caption.allCases.map { .caption($0) }
            + language.pluralForms.flatMap { [.seconds($0), .minutes($0)] }
    }
}
