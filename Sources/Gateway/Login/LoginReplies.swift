import HTTP

/// The answers to a callback: where to go with a session, the question before a switch, or what went wrong.
struct LoginReplies: Sendable {
    let integration: Integration
    let sessions: SessionKeeper
    let flows: FlowCookies
    let failures: LoginLoopGuard
    /// Logins that began at the app.
    let logins: LoginLoopGuard
    /// Spent codes that led to a fresh login.
    let restarts: LoginLoopGuard
    let tickets: SwitchTicket
    let confirm: ConfirmLogin
    let accounts: AccountNames
    let observer: LoginObserver

    static let headers: HTTPHeaders = [
        "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
    ]

    /// A verified member: signed in at once, or asked first.
    func identified(
        _ login: LoginRequest, _ digest: CodeDigest, _ session: Session, _ context: RequestContext,
        ledger: CodeLedger
    ) async throws(FailedLogin) -> HTTPResponse {
        let flow = flows.find(login.flow, integration: integration.name, context)
        let location = destination(login, flow)
        let current = sessions.live(in: context.request, now: context.now)
        if flow == nil, needsQuestion(session, current) {
            await ledger.complete(digest, with: nil)
            return ask(session, current, location, login, context)
        }
        // A new id at every login: whatever was there before ends here.
        if let current {
            do { try await sessions.end(current, now: context.now) } catch { throw FailedLogin(error) }
        }
        await ledger.complete(digest, with: session.id)
        observer.succeeded(session, context.id)
        accounts.refresh(session.member.installation)
        var headers = Self.headers
        headers.reserve(fields: 8, bytes: 1024)
        headers.append("Location", location)
        headers.append("Set-Cookie", sessions.issue(session, now: context.now))
        for cookie in [
            flows.end(login.flow), failures.clearing(for: context.request), restarts.clearing(for: context.request),
        ]
        .compactMap(\.self) {
            headers.append("Set-Cookie", cookie)
        }
        if flow != nil { headers.append("Set-Cookie", logins.add(to: context.request, now: context.now).cookie) }
        return HTTPResponse(.seeOther, headers: headers)
    }

    /// The same browser brought its used code again: it goes where it went.
    func repeated(_ login: LoginRequest, _ current: Session, _ context: RequestContext)
        -> HTTPResponse
    {
        observer.repeated(current, context.id)
        let flow = flows.find(login.flow, integration: integration.name, context)
        var headers = Self.headers
        headers.append("Location", destination(login, flow))
        if let renewed = sessions.renewal(of: current, now: context.now) { headers.append("Set-Cookie", renewed) }
        return HTTPResponse(.seeOther, headers: headers)
    }

    /// Whether a login began at `/sso/start` in a browser that keeps no cookies: that set one, and none came back. A
    /// browser with any cookie of ours has only been too slow for the flow, and the login goes on without it.
    func isCookieless(_ login: LoginRequest, _ request: HTTPRequest) -> Bool {
        login.flow != nil && !flows.cookies.hasAny(in: request)
    }

    /// A spent code in a browser without the session that came of it: the answer with that session was lost, or the link
    /// was opened elsewhere. Once in five minutes the browser is sent to a fresh login, which needs nothing of the person
    /// while the marketplace knows them; then, lest it go in circles, to a page.
    func spent(_ login: LoginRequest, _ context: RequestContext) -> HTTPResponse {
        guard !restarts.isLoop(in: context.request, now: context.now) else {
            return failed(FailedLogin(failure: .codeSpent, reason: "used"), flow: login.flow, context)
        }
        observer.restarted(integration.name, context.id)
        let flow = flows.find(login.flow, integration: integration.name, context)
        var headers = Self.headers
        headers.append(
            "Location",
            SignInAddress.to(
                integration: integration.name, installation: nil, returnTo: destination(login, flow)))
        headers.append("Set-Cookie", restarts.add(to: context.request, now: context.now).cookie)
        if let ended = flows.end(login.flow) { headers.append("Set-Cookie", ended) }
        return HTTPResponse(.seeOther, headers: headers)
    }

    func failed(_ login: FailedLogin, flow: String?, _ context: RequestContext)
        -> HTTPResponse
    {
        observer.failed(login, integration.name, context.id)
        let (isLoop, counted) = failures.add(to: context.request, now: context.now)
        let lapsed = sessions.presented(in: context.request, now: context.now).opened?.member
        let page = FailurePages(integration: integration.settings).page(
            for: login.failure, wait: login.wait, isLoop: isLoop,
            installation: lapsed?.integration == integration.name ? lapsed?.installationID : nil)
        var response = page.response(context.id, cookies: [counted] + [flows.end(flow)].compactMap(\.self))
        if let wait = login.wait { response.headers.append("Retry-After", "\(wait)") }
        return response
    }

    private func destination(_ login: LoginRequest, _ flow: FlowCookies.Flow?) -> String {
        if let flow, !flow.returnTo.isEmpty, let own = integration.redirects.accept(flow.returnTo) { return own }
        let (location, ignored) = integration.settings.routes.target(of: login.deepLink, policy: integration.redirects)
        observer.ignored(deepLinkValues: ignored)
        return location
    }

    private func needsQuestion(_ session: Session, _ current: Session?) -> Bool {
        if let current { return current.member != session.member }
        return confirm == .always
    }

    private func ask(
        _ session: Session, _ current: Session?, _ location: String, _ login: LoginRequest, _ context: RequestContext
    ) -> HTTPResponse {
        observer.asked(session, context.id)
        let content = SwitchTicket.Content(session: session, location: location, replaces: current?.id.bytes ?? [])
        let (ticket, cookie) = tickets.issue(content, now: context.now)
        return SwitchPage.page(from: current, to: session, ticket: ticket).response(
            context.id, cookies: [cookie] + [flows.end(login.flow)].compactMap(\.self),
            formTargets: integration.settings.origins.map(\.description))
    }
}

/// When a person is asked before a login takes effect.
package enum ConfirmLogin: String, Sendable, CaseIterable {
    /// Only when somebody else is signed in on this browser.
    case whenSwitching = "switch"
    case always
}
