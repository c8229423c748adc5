import HTTP

/// The pages for a person whose request a decision refuses. They appear at the request's own address.
enum RefusalPage: String, CaseIterable, Sendable {
    /// For a form that a browser sent without a session: once the person is signed in in another tab, a reload sends it again.
    case notSent = "/sso/not_sent"
    /// For a member whose role does not permit the request.
    case notPermitted = "/sso/not_permitted"

    /// For nginx, which cannot pass a decision's body on.
    var path: String { rawValue }

    fileprivate var page: Page {
        switch self {
        case .notSent:
            Page(
                name: .notSent, status: .unauthorized,
                actions: [.link(.text(.signInInTab), to: SignInAddress.path, isPrimary: true, opensTab: true)])
        case .notPermitted:
            Page(
                name: .notPermitted, status: .forbidden,
                actions: [
                    .link(.text(.openApp), to: "/", isPrimary: true),
                    .link(.text(.signInAgain), to: SignInAddress.path, isPrimary: false),
                ])
        }
    }
}

struct RefusalPages: Sendable {
    let pages: PageRenderer

    var routes: [Route] {
        RefusalPage.allCases.map { page in
            Route(.exactly(page.path), [.get]) { .now(pages.response(page.page, $0)) }
        }
    }

    /// The page, or for a proxy that cannot pass it on, `refusal` with its address.
    func response(_ page: RefusalPage, or refusal: HTTPResponse, _ dialect: ProxyDialect, _ context: RequestContext)
        -> HTTPResponse
    {
        guard dialect.signIn == .header else { return pages.response(page.page, context) }
        var response = refusal
        response.headers.append("X-SSO-Page", page.path)
        return response
    }
}
