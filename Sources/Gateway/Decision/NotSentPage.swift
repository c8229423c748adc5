import HTTP

/// The page for a form that a browser sent without a session. It stays at the form's own address: once the person is signed in
/// in another tab, a reload sends the form again.
struct NotSentPage: Sendable {
    /// For nginx, which cannot pass a decision's body on.
    static let path = "/sso/not_sent"

    let pages: PageRenderer

    var route: Route { Route(.exactly(Self.path), [.get]) { .now(response($0)) } }

    func response(_ context: RequestContext) -> HTTPResponse {
        let page = Page(
            name: .notSent, status: .unauthorized,
            actions: [.link(.text(.signInInTab), to: SignInAddress.path, isPrimary: true, opensTab: true)])
        return pages.response(page, context)
    }
}
