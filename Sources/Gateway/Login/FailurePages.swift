import HTTP

extension LoginFailure {
    /// The page of this failure.
    var page: PageName {
        switch self {
        case .badRequest: .badRequest
        case .cookiesBlocked: .cookiesBlocked
        case .codeSpent: .codeSpent
        case .codeRefused: .codeRefused
        case .tokenRefused: .tokenRefused
        case .accessRemoved: .accessRemoved
        case .notYourInstallation: .notYourInstallation
        case .tooManyAttempts: .tooManyAttempts
        case .providerUnreachable: .providerUnreachable
        case .keysUnavailable: .keysUnavailable
        case .providerTooSlow: .providerTooSlow
        case .ledgerUnavailable: .ledgerUnavailable
        case .storeUnavailable: .storeUnavailable
        case .wrongIssuer: .wrongIssuer
        case .unknownState: .unknownState
        case .providerRefused: .providerRefused
        case .discoveryUnavailable: .discoveryUnavailable
        }
    }
}

/// The pages of failed logins: each offers a new login, or, in a loop, the way back to the marketplace.
struct FailurePages: Sendable {
    let integration: IntegrationSettings

    /// `wait`: how long until another login may succeed, in seconds.
    func page(for failure: LoginFailure, wait: Int64?, isLoop: Bool, installation: String?) -> Page {
        var page = Page(
            name: failure.page, status: failure.status, values: wait.map { [.wait: .duration($0)] } ?? [:],
            isRepeated: isLoop)
        page.actions =
            isLoop
            ? [.link(.text(.backToMarketplace), to: marketplace, isPrimary: true)]
            : [
                .link(
                    .text(.signInAgain),
                    to: SignInAddress.to(integration: integration.name, installation: installation, returnTo: nil),
                    isPrimary: true)
            ]
        return page
    }

    /// For a browser that signs in again and again, although each login succeeds.
    func loop(again address: String) -> Page {
        Page(
            name: .loginLoop, status: .ok,
            actions: [
                .link(.text(.backToMarketplace), to: marketplace, isPrimary: true),
                .link(.text(.tryOnceMore), to: address, isPrimary: false),
            ])
    }

    /// The marketplace's start page.
    private var marketplace: String {
        let end = integration.ssoURL.firstRange(of: "://")?.upperBound ?? integration.ssoURL.startIndex
        let host = integration.ssoURL[end...].prefix { $0 != "/" }
        return integration.ssoURL[..<end] + host + "/"
    }
}
