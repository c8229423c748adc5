extension GatewayParts {
    /// What all logins share.
    private struct LoginTools {
        let flows: FlowCookies
        let standardFlows: StandardFlowCookies
        let tickets: ConfirmationTicket
        let failures: LoginLoopGuard
        let logins: LoginLoopGuard
        let restarts: LoginLoopGuard
        let breakLoop: BreakLoop
        let regions: RegionCookies
        let observer: LoginObserver
    }

    private var loginTools: LoginTools {
        let origin = settings.publicOrigin
        let cookies = GatewayCookies(origin: origin)
        func guarding(_ name: String, limit: Int) -> LoginLoopGuard {
            LoginLoopGuard(ring: keyRing, cookies: cookies, origin: origin, name: name, limit: limit)
        }
        let logins = guarding(cookies.loginsName, limit: 3)
        return LoginTools(
            flows: FlowCookies(ring: keyRing, cookies: cookies, origin: origin),
            standardFlows: StandardFlowCookies(ring: keyRing, cookies: cookies, origin: origin),
            tickets: ConfirmationTicket(
                ring: keyRing, cookies: cookies, origin: origin, random: observability.random),
            failures: guarding(cookies.failuresName, limit: 3), logins: logins,
            restarts: guarding(cookies.restartsName, limit: 1),
            breakLoop: BreakLoop(logins: logins, sessions: sessions, log: observability.log, pages: pages),
            regions: RegionCookies(ring: keyRing, cookies: cookies, origin: origin, random: observability.random),
            observer: LoginObserver(observability, behind: settings.trusted))
    }

    var login: [Route] {
        let tools = loginTools
        let redeems = integrations.map { redeem($0, tools) }
        let start = StartLogin(
            integrations: integrations, sessions: sessions, flows: tools.flows, breakLoop: tools.breakLoop,
            pages: pages, random: observability.random)
        let confirmation = AnswerConfirmation(
            integrations: integrations, tickets: tools.tickets, sessions: sessions, ledger: memory.ledger,
            pages: pages, observer: tools.observer, publicOrigin: settings.publicOrigin)
        let signOut = SignOut(
            sessions: sessions, accounts: accounts, publicOrigin: settings.publicOrigin, pages: pages, observability)
        let regions = settings.regions.map {
            RegionEndpoints($0, cookies: tools.regions, redeems: redeems)
        }
        return redeems.flatMap { callbacks($0, tools) } + (regions?.routes ?? [])
            + [
                limited(.redirects, "start", limits.starts, start.route),
                limited(.refusedForms, "confirmation", limits.confirmations, confirmation.route),
                SessionEndpoint(sessions: sessions).route, signOut.route,
            ]
    }

    private func redeem(_ integration: Integration, _ tools: LoginTools) -> RedeemCode {
        RedeemCode(
            integration: integration, ledger: memory.ledger, limiter: memory.limiter, sessions: sessions,
            admit: AdmitMember(
                integration: integration, lookup: lookup, access: access, lifetimes: settings.session,
                clock: observability.clock, whenStoreUnavailable: settings.login.whenStoreUnavailable),
            replies: LoginReplies(
                integration: integration, sessions: sessions, flows: tools.flows, failures: tools.failures,
                logins: tools.logins, restarts: tools.restarts, tickets: tools.tickets,
                confirm: settings.login.confirm, accounts: accounts, pages: pages, observer: tools.observer),
            handOver: settings.regions.map {
                HandOver(
                    regions: $0, cookies: tools.regions, access: access, publicOrigin: settings.publicOrigin)
            },
            observer: tools.observer, proxies: settings.trusted)
    }

    /// Of pushed codes and, where the integration has them, of standard logins.
    private func callbacks(_ redeem: RedeemCode, _ tools: LoginTools) -> [Route] {
        let pushed = FinishLogin(redeem: redeem).routes
        guard let oidc = redeem.integration.oidc else { return pushed }
        let begin = StartStandardLogin(
            integration: redeem.integration, oidc: oidc, flows: tools.standardFlows, replies: redeem.replies,
            breakLoop: tools.breakLoop, observer: tools.observer)
        let end = FinishStandardLogin(oidc: oidc, redeem: redeem, flows: tools.standardFlows)
        return pushed + end.routes + begin.routes.map { limited(.redirects, "oidc", limits.standardStarts, $0) }
    }

    /// `endpoint`: label of the metric.
    func limited(
        _ counted: LimitRequests.Counted, _ endpoint: String, _ limiter: AttemptLimiter, _ route: Route
    ) -> Route {
        LimitRequests(
            counted: counted, endpoint: endpoint, limiter: limiter, proxies: settings.trusted, pages: pages,
            refusals: observability.metrics.limitedRequests
        ).applied(to: route)
    }
}
