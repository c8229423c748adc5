import HTTP

/// The responses to requests without a session: to browsers the address where to sign in, or the page for a form that was not
/// sent; to programs only a refusal.
struct SignInResponses: Sendable {
    let dialect: ProxyDialect
    let settings: DecisionSettings
    let pages: RefusalPages
    /// One response for all requests, because it contains nothing of a request.
    private let refusal = JSONReply.error(.unauthorized, "not_signed_in", "Sign in first.", nil).kept()
    private static let ownPaths = RedirectPolicy(origins: [])

    init(_ dialect: ProxyDialect, _ settings: DecisionSettings, pages: RefusalPages) {
        self.dialect = dialect
        self.settings = settings
        self.pages = pages
    }

    func response(to original: OriginalRequest, _ context: RequestContext, _ presented: PresentedSession)
        -> HTTPResponse
    {
        guard Navigation.isForPerson(context.request.headers) else { return refusal }
        guard original.isRead else {
            return original.isForm ? pages.response(.notSent, or: refusal, dialect, context) : refusal
        }
        let address = address(original, presented.opened?.member)
        switch dialect.signIn {
        case .header:
            var response = refusal
            response.headers.append("X-SSO-Login", address)
            return response
        case .redirect: return redirect(to: address)
        case .absoluteRedirect: return redirect(to: settings.publicOrigin.description + address)
        }
    }

    /// `member`: of an expired or revoked session, who most likely signs in again.
    private func address(_ original: OriginalRequest, _ member: MemberKey?) -> String {
        SignInAddress.to(
            integration: member?.integration ?? settings.soleIntegration, installation: member?.installationID,
            returnTo: Self.ownPaths.accept(original.returnTarget))
    }

    private func redirect(to address: String) -> HTTPResponse {
        let headers: HTTPHeaders = [
            "Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        ]
        return HTTPResponse(.found, headers: headers)
    }
}
