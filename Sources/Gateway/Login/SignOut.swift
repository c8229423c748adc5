import HTML
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

    init(
        sessions: SessionKeeper, accounts: AccountNames, publicOrigin: WebOrigin, _ observability: Observability
    ) {
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
            guard let current else { return .now(Self.signedOut.response(context.id)) }
            return .later {
                let team = await accounts.name(of: current.member.installation)
                return Self.confirmation(current, team: team).response(context.id)
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
                return Self.notRecorded.response(context.id)
            }
            count.count()
            log.record(.signedOut, context.id, ["session": session.id.text, "user": session.member.userID])
        }
        return HTTPResponse(.seeOther, headers: headers)
    }

    private static var notRecorded: Page {
        Page(
            status: .serviceUnavailable, icon: .notice, title: "You are still signed in",
            content: "<p>Signing out could not be recorded just now. Nothing has changed; try again in a moment.</p>",
            actions: [.link("Try again", to: path, isPrimary: true)])
    }

    private static var signedOut: Page {
        Page(
            status: .ok, icon: .done, title: "You are signed out",
            content: "<p>Nobody is signed in to this app on this browser.</p>",
            actions: [.link("Sign in", to: SignInAddress.path, isPrimary: true)])
    }

    /// `team`: the name of the installation's account.
    private static func confirmation(_ session: Session, team: String?) -> Page {
        let name = [session.name, session.email, session.member.userID].first { !$0.isEmpty } ?? ""
        let of: HTML = team.map { " of <strong>\($0)</strong>" } ?? ""
        return Page(
            status: .ok, icon: .confirmation, title: "Sign out?",
            content:
                "<p>You are signed in as <strong>\(name)</strong>\(of). Signing out ends this session everywhere.</p>",
            actions: [
                .button("Sign out", postsTo: path, fields: [], isPrimary: true),
                .link("Back", to: "/", isPrimary: false),
            ])
    }
}
