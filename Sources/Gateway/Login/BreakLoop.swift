import HTTP

/// Interrupts a browser that signs in again and again, although each login succeeds: the next login waits for the person.
struct BreakLoop: Sendable {
    /// Successful logins that began at `/sso/start`.
    let logins: LoginLoopGuard
    let sessions: SessionKeeper
    let log: EventLog
    let pages: PageRenderer

    /// The page that interrupts a loop; nil for a browser that is in none, or has a session.
    func answer(
        _ integration: IntegrationSettings, installation: String? = nil, returnTo: String? = nil,
        _ context: RequestContext
    ) -> HTTPResponse? {
        guard logins.isLoop(in: context.request, now: context.now),
            sessions.live(in: context.request, now: context.now) == nil
        else { return nil }
        log.record(.loginLoop, context.id, ["integration": integration.name])
        let again = SignInAddress.to(
            integration: integration.name, installation: installation, returnTo: returnTo)
        return pages.response(
            FailurePages(integration: integration).loop(again: again), context,
            cookies: [logins.clearing(for: context.request)].compactMap(\.self))
    }
}
