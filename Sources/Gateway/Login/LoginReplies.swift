import HTTP

/// The responses to a callback: a redirect with a session, the confirmation page, or a failure page.
struct LoginReplies: Sendable {
    let integration: Integration
    let sessions: SessionKeeper
    let flows: FlowCookies
    let failures: LoginLoopGuard
    /// Successful logins that began at `/sso/start`.
    let logins: LoginLoopGuard
    /// Spent codes that were answered with a new login.
    let restarts: LoginLoopGuard
    let tickets: ConfirmationTicket
    let confirm: LoginSettings.ConfirmLogin
    let accounts: AccountNames
    let pages: PageRenderer
    let observer: LoginObserver

    static let headers: HTTPHeaders = [
        "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
    ]

    /// For a verified member: signs in at once, or shows the confirmation page.
    func identified(
        _ course: LoginCourse, _ digest: CodeDigest, _ session: Session, _ context: RequestContext,
        ledger: CodeLedger
    ) async throws(FailedLogin) -> HTTPResponse {
        let flow = flows.find(course.flow, integration: integration.name, context)
        let location = destination(course, flow)
        let current = sessions.live(in: context.request, now: context.now)
        if flow == nil, needsConfirmation(session, current) {
            ledger.complete(digest, with: nil)
            return confirmation(session, current, location, course, context)
        }
        // Each login has a new session id; the old session must not remain valid beside it.
        if let current {
            do { try await sessions.end(current, now: context.now) } catch { throw FailedLogin(error) }
        }
        ledger.complete(digest, with: session.id)
        observer.succeeded(session, context)
        accounts.refresh(session.member.installation)
        var headers = Self.headers
        headers.reserve(fields: 8, bytes: 1024)
        headers.append("Location", location)
        headers.append("Set-Cookie", sessions.issue(session, now: context.now))
        let isInitiated = flow != nil || course.isInitiated
        for cookie in ends(of: course) + counts(isInitiated: isInitiated, context) {
            headers.append("Set-Cookie", cookie)
        }
        return HTTPResponse(.seeOther, headers: headers)
    }

    /// For a used code from the browser that it signed in: the same redirect again.
    func repeated(_ course: LoginCourse, _ current: Session, _ context: RequestContext)
        -> HTTPResponse
    {
        observer.repeated(current, context.id)
        let flow = flows.find(course.flow, integration: integration.name, context)
        var headers = Self.headers
        headers.append("Location", destination(course, flow))
        if let end = course.endOfOwnFlow { headers.append("Set-Cookie", end) }
        if let renewed = sessions.renewal(of: current, now: context.now) { headers.append("Set-Cookie", renewed) }
        return HTTPResponse(.seeOther, headers: headers)
    }

    /// For a member whose installation is at home in another region: the redirect there.
    func handedOver(
        _ member: VerifiedMember, to home: RegionSettings.Region, by handOver: HandOver, _ course: LoginCourse,
        _ context: RequestContext
    ) -> HTTPResponse {
        observer.handedOver(member, to: home, context)
        let flow = flows.find(course.flow, integration: integration.name, context)
        var onward = course
        onward.isInitiated = course.isInitiated || flow != nil
        let departure = handOver.leave(
            member, of: integration.settings, for: home, onward,
            returnTo: flow.flatMap { $0.returnTo.isEmpty ? nil : $0.returnTo }, context)
        observer.ignored(deepLinkValues: course.deepLink.ignored + (departure.targetsFit ? 0 : 1))
        var headers = Self.headers
        headers.append("Location", departure.location)
        let cookies = departure.cookies + ends(of: course) + counts(isInitiated: onward.isInitiated, context)
        for cookie in cookies { headers.append("Set-Cookie", cookie) }
        return HTTPResponse(.seeOther, headers: headers)
    }

    /// The `Set-Cookie` values with which a successful login changes what guards against loops.
    private func counts(isInitiated: Bool, _ context: RequestContext) -> [String] {
        let request = context.request
        // A browser that drops session cookies is redirected here again at once, without a click.
        let login = isInitiated ? logins.add(to: request, now: context.now).cookie : nil
        return [failures.clearing(for: request), restarts.clearing(for: request), login].compactMap(\.self)
    }

    /// Whether a login began at `/sso/start` in a browser that keeps no cookies. A browser that sends any cookie of ours was
    /// only too slow for the flow, and its login goes on without the flow.
    func isCookieless(_ course: LoginCourse, _ request: HTTPRequest) -> Bool {
        course.flow != nil && !flows.cookies.hasAny(in: request)
    }

    /// For a spent code without its session: the response with the session was lost, or the link was opened elsewhere. Once
    /// in five minutes the browser is redirected to a new login, which needs no action while the person is signed in at the
    /// marketplace. A second time it gets a page, because it would loop.
    func spent(_ course: LoginCourse, _ context: RequestContext) -> HTTPResponse {
        guard !restarts.isLoop(in: context.request, now: context.now) else {
            return failed(FailedLogin(failure: .codeSpent, reason: "used"), ending: course, context)
        }
        observer.restarted(integration.name, context.id)
        let flow = flows.find(course.flow, integration: integration.name, context)
        var headers = Self.headers
        headers.append(
            "Location",
            SignInAddress.to(
                integration: integration.name, installation: nil, returnTo: destination(course, flow)))
        headers.append("Set-Cookie", restarts.add(to: context.request, now: context.now).cookie)
        for cookie in ends(of: course) { headers.append("Set-Cookie", cookie) }
        return HTTPResponse(.seeOther, headers: headers)
    }

    /// For a login whose code was not used: the browser keeps its cookies, so that a reload can finish it.
    func failed(_ login: FailedLogin, _ context: RequestContext) -> HTTPResponse {
        failed(login, ending: LoginCourse(), context)
    }

    /// For a login that cannot be finished.
    func failed(_ login: FailedLogin, ending course: LoginCourse, _ context: RequestContext) -> HTTPResponse {
        observer.failed(login, integration.name, context)
        let (isLoop, counted) = failures.add(to: context.request, now: context.now)
        let lapsed = sessions.presented(in: context.request, now: context.now).opened?.member
        let page = FailurePages(integration: integration.settings).page(
            for: login.failure, wait: login.wait, isLoop: isLoop,
            installation: lapsed?.integration == integration.name ? lapsed?.installationID : nil)
        var response = pages.response(page, context, cookies: [counted] + ends(of: course))
        if let wait = login.wait { response.headers.append("Retry-After", "\(wait)") }
        return response
    }

    /// The `Set-Cookie` values that remove the login's own cookies.
    private func ends(of course: LoginCourse) -> [String] {
        [flows.end(course.flow), course.endOfOwnFlow].compactMap(\.self)
    }

    private func destination(_ course: LoginCourse, _ flow: FlowCookies.Flow?) -> String {
        if let flow, !flow.returnTo.isEmpty, let own = integration.redirects.accept(flow.returnTo) { return own }
        // The deep link is the marketplace's; anyone can initiate a standard login with a target.
        let (location, ignored) = integration.settings.routes.target(
            of: course.deepLink, otherwise: integration.redirects.accept(course.target),
            policy: integration.redirects)
        observer.ignored(deepLinkValues: ignored)
        return location
    }

    private func needsConfirmation(_ session: Session, _ current: Session?) -> Bool {
        if let current { return current.member != session.member }
        return confirm == .always
    }

    private func confirmation(
        _ session: Session, _ current: Session?, _ location: String, _ course: LoginCourse, _ context: RequestContext
    ) -> HTTPResponse {
        observer.needsConfirmation(session, context.id)
        let content = ConfirmationTicket.Content(
            session: session, location: location, replaces: current?.id.bytes ?? [])
        let (ticket, cookie) = tickets.issue(content, now: context.now)
        return pages.response(
            ConfirmationPage.page(from: current, to: session, ticket: ticket), context,
            cookies: [cookie] + ends(of: course) + counts(isInitiated: false, context),
            formTargets: integration.settings.origins.map(\.description))
    }
}
