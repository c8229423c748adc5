import HTML

/// The markup of one page in one language.
struct PageContent {
    let page: Page
    let request: RequestID
    let texts: PageTexts
    let branding: Branding
    let assets: Assets

    /// The layout of all pages without a template.
    var document: HTML {
        """
        <!doctype html>
        <html lang="\(texts.language.rawValue)" dir="\(texts.language.direction)">
        <head>
        \(head)
        <title>\(title)</title>
        </head>
        <body>
        <div class="card">
        \(brand)<main>
        <img class="icon" src="\(icon)" alt="" width="40" height="40">
        <h1>\(texts.marked(page.title, page.values))</h1>
        \(happened)
        \(people)\(next)
        \(actions)
        </main>
        <footer><p>\(requestLine)</p>\(support)</footer>
        </div>
        </body>
        </html>

        """
    }

    /// What a template shows at a place.
    func value(_ place: PageTemplate.Place) -> HTML {
        switch place {
        case .language: "\(texts.language.rawValue)"
        case .direction: "\(texts.language.direction)"
        case .title: "\(texts.plain(page.title, page.values))"
        case .request: "\(request.description)"
        case .name: "\(branding.name ?? "")"
        case .support: "\(branding.support ?? "")"
        case .logo: "\(logo ?? "")"
        case .stylesheet: "\(assets.path("gateway.css"))"
        case .icon: "\(icon)"
        case .ticket: "\(page.ticket ?? "")"
        case .head: head
        case .happened: happened
        case .next: next
        case .people: people
        case .actions: actions
        }
    }

    private var title: String {
        ([texts.plain(page.title, page.values)] + [branding.name].compactMap(\.self)).joined(separator: " · ")
    }

    private var icon: String { assets.path(page.name.icon + ".svg") }
    private var logo: String? { branding.logo.map { assets.path("logo.\($0.format.rawValue)") } }

    /// With `no-referrer`, browsers send `Origin: null` with a form, as pages of other sites can. With the `referrer` element
    /// they send our own origin (Fetch standard, "append a request Origin header").
    private var head: HTML {
        let referrer: HTML =
            page.actions.contains(where: \.isForm) ? "\n<meta name=\"referrer\" content=\"strict-origin\">" : ""
        return """
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">\(referrer)
            <link rel="stylesheet" href="\(assets.path("gateway.css"))">
            <link rel="icon" href="\(icon)">
            """
    }

    private var brand: HTML {
        guard let name = branding.name else { return "" }
        guard let logo else { return "<header><p>\(name)</p></header>\n" }
        return "<header><img src=\"\(logo)\" alt=\"\(name)\"></header>\n"
    }

    private var happened: HTML {
        let repeated: HTML = page.isRepeated ? " <strong>\(texts.marked(.repeated))</strong>" : ""
        return "<p>\(texts.marked(page.happened, page.values))\(repeated)</p>"
    }

    private var next: HTML { "<p class=\"next\">\(texts.marked(page.next, page.values))</p>" }

    private var people: HTML {
        guard !page.people.isEmpty else { return "" }
        let rows = page.people.map { person -> HTML in
            let details = person.details.filter { !$0.isEmpty }.map { detail -> HTML in "<br><span>\(detail)</span>" }
            return """
                <li><small>\(texts.plain(.caption(person.caption)))</small><span class="name">\(person.label)</span>\(details)</li>
                """
        }
        return "<ul class=\"people\">\(rows)</ul>\n"
    }

    private var actions: HTML {
        page.actions.isEmpty ? "" : "<div class=\"actions\">\(page.actions.map(action))</div>"
    }

    private func action(_ action: Page.Action) -> HTML {
        switch action {
        case .link(let label, let target, let isPrimary, let opensTab):
            let tab: HTML = opensTab ? #" target="_blank" rel="noopener""# : ""
            return #"<a class="\#(Self.style(isPrimary))" href="\#(target)"\#(tab)>\#(text(label))</a>"#
        case .button(let label, let target, let fields, let isPrimary):
            let hidden = fields.map { field -> HTML in
                #"<input type="hidden" name="\#(field.name)" value="\#(field.value)">"#
            }
            let button: HTML = #"<button class="\#(Self.style(isPrimary))">\#(text(label))</button>"#
            return #"<form method="post" action="\#(target)">\#(hidden)\#(button)</form>"#
        }
    }

    private func text(_ label: Page.Label) -> String {
        switch label {
        case .text(let action): texts.plain(.action(action))
        case .name(let name): name
        }
    }

    private static func style(_ isPrimary: Bool) -> String { isPrimary ? "button primary" : "button" }

    private var requestLine: HTML { texts.marked(.request, [.request: .code(request.description)]) }

    private var support: HTML {
        branding.support.map { "<p><a href=\"\($0)\">\(texts.plain(.support))</a></p>" } ?? ""
    }
}

extension PageName {
    /// A file of `public/`, without its ending.
    fileprivate var icon: String {
        switch self {
        case .signedOut: "done"
        case .confirmLogin, .confirmSwitch, .signOut, .chooseIntegration: "confirmation"
        default: "notice"
        }
    }
}
