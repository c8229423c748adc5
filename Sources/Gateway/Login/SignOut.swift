import HTTP

/// `GET /sso/sign_out` shows a button, `POST` ends the session. A redirect parameter would be an open redirect, so there is
/// none.
struct SignOut: Sendable {
    static let path = "/sso/sign_out"

    private let sessions: SessionKeeper
    private let accounts: AccountNames
    private let log: EventLog
    private let count: Counter
    private let publicOrigin: WebOrigin
    private let pages: PageRenderer

    init(
        sessions: SessionKeeper, accounts: AccountNames, publicOrigin: WebOrigin, pages: PageRenderer,
        _ observability: Observability
    ) {
        self.pages = pages
        self.sessions = sessions
        self.accounts = accounts
        self.publicOrigin = publicOrigin
        log = observability.log
        count = observability.metrics.counter("sign_outs_total", "Sessions ended by their owner.")
    }

    var route: Route { Route(.exactly(Self.path), [.get, .post], answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let presented = sessions.presented(in: context.request, now: context.now)
        let current = presented.live?.current
        guard context.request.method == .post else {
            guard let current else { return .now(pages.response(Self.signedOut, context)) }
            return .later {
                let team = await accounts.name(of: current.member.installation)
                return pages.response(Self.confirmation(current, team: team), context)
            }
        }
        guard OwnForm.isSent(context.request, publicOrigin: publicOrigin) else {
            return .now(
                JSONReply.error(
                    .forbidden, "foreign_form", "Sign out from a page of this app, not from another site.", context.id))
        }
        return .later { await end(presented, context) }
    }

    private func end(_ presented: PresentedSession, _ context: RequestContext) async -> HTTPResponse {
        var headers = LoginReplies.headers
        headers.append("Location", Self.path)
        switch presented {
        case .none: break
        case .revoked: headers.append("Set-Cookie", sessions.clearing)
        // A gateway with another clock may still accept a session that has lapsed for this one.
        case .live, .lapsed:
            guard let session = presented.opened else { break }
            do { headers.append("Set-Cookie", try await sessions.end(session, now: context.now)) } catch {
                return pages.response(Self.notRecorded, context)
            }
            count.count()
            log.record(.signedOut, context.id, ["session": session.id.text, "user": session.member.userID])
        }
        return HTTPResponse(.seeOther, headers: headers)
    }

    private static let notRecorded = Page(
        name: .stillSignedIn, status: .serviceUnavailable,
        actions: [.link(.text(.tryAgain), to: path, isPrimary: true)])

    private static let signedOut = Page(
        name: .signedOut, status: .ok, actions: [.link(.text(.signIn), to: SignInAddress.path, isPrimary: true)])

    /// `team`: the name of the installation's account.
    private static func confirmation(_ session: Session, team: String?) -> Page {
        var page = Page(
            name: .signOut, status: .ok, values: [.person: .text(ConfirmationPage.label(session))],
            actions: [
                .button(.text(.signOut), postsTo: path, fields: [], isPrimary: true),
                .link(.text(.back), to: "/", isPrimary: false),
            ])
        if let team { page.values[.team] = .text(team) }
        return page
    }
}
