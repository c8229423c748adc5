import HTTP
import Marketplace
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
    let breakLoop: BreakLoop
    let pages: PageRenderer
    let random: RandomSource

    var route: Route { Route(.exactly(SignInAddress.path), [.get], answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let request = context.request
        if let refusal = Navigation.refusal(of: context) { return .now(refusal) }
        let parameters: Parameters
        do { parameters = try Parameters(request.target.query) } catch { return .now(refused(error.word, context)) }
        let presented = sessions.presented(in: request, now: context.now)
        let earlier = presented.opened
        let named =
            parameters.integration ?? earlier?.member.integration
            ?? (integrations.count == 1 ? integrations[0].name : nil)
        guard let named else { return .now(choice(parameters, context)) }
        guard let integration = integrations.first(where: { $0.name.utf8.elementsEqual(named.utf8) }) else {
            return .now(refused("integration", context))
        }
        if let rd = parameters.returnTo, integration.redirects.accept(rd) == nil { return .now(refused("rd", context)) }
        guard request.method == .get else { return .now(HTTPResponse(.noContent, headers: LoginReplies.headers)) }
        if presented.isRevoked { return .now(ended(integration, parameters, context)) }
        if let page = breakLoop.answer(
            integration.settings, installation: parameters.installation, returnTo: parameters.returnTo, context)
        {
            return .now(page)
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
        var headers = LoginReplies.headers
        headers.append("Location", location)
        for cookie in flows.begin(flow, integration: integration.name, context) {
            headers.append("Set-Cookie", cookie)
        }
        return HTTPResponse(.seeOther, headers: headers)
    }

    private func refused(_ what: String, _ context: RequestContext) -> HTTPResponse {
        let page = Page(
            name: .startRefused, status: .badRequest, values: [.detail: .code(what)],
            actions: [.link(.text(.signIn), to: SignInAddress.path, isPrimary: true)])
        return pages.response(page, context)
    }

    /// For a revoked session. The cookie is removed, so that the next request here signs in.
    private func ended(_ integration: Integration, _ parameters: Parameters, _ context: RequestContext) -> HTTPResponse
    {
        let again = SignInAddress.to(
            integration: integration.name, installation: parameters.installation, returnTo: parameters.returnTo)
        let page = Page(
            name: .sessionEnded, status: .forbidden,
            actions: [
                .link(.text(.signInAgain), to: again, isPrimary: true),
                .link(.text(.signOut), to: SignOut.path, isPrimary: false),
            ])
        return pages.response(page, context, cookies: [sessions.clearing])
    }

    private func choice(_ parameters: Parameters, _ context: RequestContext) -> HTTPResponse {
        let page = Page(
            name: .chooseIntegration, status: .ok,
            actions: integrations.map { integration in
                let address = SignInAddress.to(
                    integration: integration.name, installation: parameters.installation, returnTo: parameters.returnTo)
                return .link(.name(integration.name), to: address, isPrimary: false)
            })
        return pages.response(page, context)
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
            if let installation, MarketplaceIdentifier.read(UntrustedText(installation)) == nil {
                throw Refusal(word: "installation")
            }
            if let returnTo, returnTo.utf8.count > SignInAddress.maximumReturnTo { throw Refusal(word: "rd") }
        }
    }
}
