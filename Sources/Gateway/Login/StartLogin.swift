import HTML
import HTTP
import SecretMemory
import Untrusted

/// `GET /sso/start?integration=&installation=&rd=`: redirects the browser to the marketplace's provider-initiated login. A
/// sealed cookie keeps the flow and its target.
///
/// <https://vercel.com/docs/integrations/marketplace-flows#provider-initiated-sso>
struct StartLogin: Sendable {
    let integrations: [Integration]
    let sessions: SessionKeeper
    let flows: FlowCookies
    /// Logins that began here and succeeded.
    let logins: LoginLoopGuard
    let log: EventLog
    let random: RandomSource

    var route: Route { Route(.exactly(SignInAddress.path), [.get], answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let (request, id, now) = (context.request, context.id, context.now)
        if let refusal = Navigation.refusal(of: context) { return .now(refusal) }
        let parameters: Parameters
        do { parameters = try Parameters(request.target.query) } catch { return .now(refused(error.word, id)) }
        let presented = sessions.presented(in: request, now: now)
        let earlier = presented.opened
        let named =
            parameters.integration ?? earlier?.member.integration
            ?? (integrations.count == 1 ? integrations[0].name : nil)
        guard let named else { return .now(choice(parameters, id)) }
        guard let integration = integrations.first(where: { $0.name.utf8.elementsEqual(named.utf8) }) else {
            return .now(refused("integration", id))
        }
        if let rd = parameters.returnTo, integration.redirects.accept(rd) == nil { return .now(refused("rd", id)) }
        guard request.method == .get else { return .now(HTTPResponse(.noContent, headers: Self.headers)) }
        if presented.isRevoked { return .now(ended(integration, parameters, id)) }
        if logins.isLoop(in: request, now: now), presented.live == nil {
            log.record(.loginLoop, id, ["integration": named])
            return .now(loop(integration, parameters, context))
        }
        let remembered = earlier.flatMap { $0.member.integration == named ? $0.member.installationID : nil }
        return .now(begin(integration, parameters.installation ?? remembered, parameters.returnTo ?? "", context))
    }

    private func begin(
        _ integration: Integration, _ installation: String?, _ returnTo: String, _ context: RequestContext
    ) -> HTTPResponse {
        let flow = FlowCookies.Flow(nonce: random.bytes(16), returnTo: returnTo)
        var location = integration.settings.ssoURL + "/" + PercentEncoding.encode(integration.settings.slug)
        if let installation { location += "/" + PercentEncoding.encode(installation) }
        location += "?\(LoginRequest.flowParameter)=\(flow.nonce.hexadecimal)"
        var headers = Self.headers
        headers.append("Location", location)
        for cookie in flows.begin(flow, integration: integration.name, context) {
            headers.append("Set-Cookie", cookie)
        }
        return HTTPResponse(.seeOther, headers: headers)
    }

    private static let headers: HTTPHeaders = [
        "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
    ]

    private func refused(_ what: String, _ id: RequestID) -> HTTPResponse {
        Page(
            status: .badRequest, icon: .notice, title: "This sign-in address is not complete",
            content: "<p>The address does not say where to sign in, or says something we do not accept (\(what)).</p>",
            actions: [.link("Sign in", to: SignInAddress.path, isPrimary: true)]
        ).response(id)
    }

    /// Interrupts a browser that signs in again and again: the next login waits for the person.
    private func loop(_ integration: Integration, _ parameters: Parameters, _ context: RequestContext) -> HTTPResponse {
        let again = SignInAddress.to(
            integration: integration.name, installation: parameters.installation, returnTo: parameters.returnTo)
        return FailurePages(integration: integration.settings).loop(again: again).response(
            context.id, cookies: [logins.clearing(for: context.request)].compactMap(\.self))
    }

    /// For a revoked session. The cookie is removed, so that the next request here signs in.
    private func ended(_ integration: Integration, _ parameters: Parameters, _ id: RequestID) -> HTTPResponse {
        let again = SignInAddress.to(
            integration: integration.name, installation: parameters.installation, returnTo: parameters.returnTo)
        return Page(
            status: .forbidden, icon: .notice, title: "Your session was ended",
            content: """
                <p>You were signed in, and an operator of this app, or the marketplace, ended your session: your \
                membership or its role may have changed, or the app was removed from your team.</p>
                <p>If you are still a member you can sign in again. Otherwise ask an administrator of your team.</p>
                """,
            actions: [
                .link("Sign in again", to: again, isPrimary: true),
                .link("Sign out", to: SignOut.path, isPrimary: false),
            ]
        ).response(id, cookies: [sessions.clearing])
    }

    private func choice(_ parameters: Parameters, _ id: RequestID) -> HTTPResponse {
        Page(
            status: .ok, icon: .confirmation, title: "Where do you want to sign in?",
            content: "<p>This app is offered in several places. Choose the one your team uses.</p>",
            actions: integrations.map { integration in
                let address = SignInAddress.to(
                    integration: integration.name, installation: parameters.installation, returnTo: parameters.returnTo)
                return .link(integration.name, to: address, isPrimary: false)
            }
        ).response(id)
    }
}

extension StartLogin {
    /// The three parameters, each at most once.
    private struct Parameters {
        struct Refusal: Error {
            let word: String
        }

        let integration: String?
        let installation: String?
        let returnTo: String?

        init(_ query: SecretBytes?) throws(Refusal) {
            let form: FormFields
            do { form = try FormFields(query, only: ["integration", "installation", "rd"]) } catch {
                switch error {
                case .malformed: throw Refusal(word: "query")
                case .repeated(let name): throw Refusal(word: name)
                }
            }
            integration = form.text("integration")
            installation = form.text("installation")
            returnTo = form.text("rd").map(RedirectPolicy.encoded)
            if let installation, !DeepLink.isIdentifier(installation) { throw Refusal(word: "installation") }
            if let returnTo, returnTo.utf8.count > SignInAddress.maximumReturnTo { throw Refusal(word: "rd") }
        }
    }
}
