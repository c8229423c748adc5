import HTTP
import Marketplace
import Untrusted

/// `GET {oidc_path}?iss=&login_hint=&target_link_uri=`: redirects the browser to the issuer's authorization endpoint. The
/// request may come from anyone, so it only begins a login; a sealed cookie keeps it.
///
/// <https://openid.net/specs/openid-connect-core-1_0.html#ThirdPartyInitiatedLogin>
struct StartStandardLogin: Sendable {
    let integration: Integration
    let oidc: OIDCClient
    let flows: StandardFlowCookies
    let replies: LoginReplies
    let breakLoop: BreakLoop
    let observer: LoginObserver

    var routes: [Route] { Route.navigations(to: oidc.path, answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let login: StandardLoginRequest
        do { login = try StandardLoginRequest(context.request.target.query) } catch {
            return .now(replies.failed(FailedLogin(error), context))
        }
        guard login.issuer.utf8.elementsEqual(integration.settings.issuer.utf8) else {
            let other = FailedLogin(failure: .wrongIssuer, reason: "initiated_by_other_iss")
            return .now(replies.failed(other, context))
        }
        if let page = breakLoop.answer(integration.settings, context) { return .now(page) }
        return .later { await begin(login, context) }
    }

    private func begin(_ login: StandardLoginRequest, _ earlier: RequestContext) async -> HTTPResponse {
        let metadata: ProviderMetadata
        let clock = observer.observability.clock
        do { metadata = try await oidc.metadata.current(now: clock.unixSeconds()) } catch {
            return replies.failed(FailedLogin(error), earlier.at(clock.unixSeconds()))
        }
        let target = login.target.flatMap(integration.redirects.accept)
        observer.ignored(deepLinkValues: login.tooLong + (target == nil && login.target != nil ? 1 : 0))
        let random = observer.observability.random
        let flow = StandardFlowCookies.Flow(
            state: random.bytes(16), nonce: random.bytes(16), issuer: login.issuer, verifier: random.bytes(32),
            target: target ?? "",
            startedBy: login.flow ?? "")
        let request = AuthorizationRequest(
            clientID: integration.settings.clientID, redirectURI: oidc.redirectURI, state: flow.state.hexadecimal,
            nonce: flow.nonce.hexadecimal, verifier: CodeVerifier(flow.verifier), loginHint: login.loginHint)
        var headers = LoginReplies.headers
        headers.append("Location", request.url(at: metadata.authorizationEndpoint))
        for cookie in flows.begin(flow, integration: integration.name, earlier.at(clock.unixSeconds())) {
            headers.append("Set-Cookie", cookie)
        }
        return HTTPResponse(.seeOther, headers: headers)
    }
}
