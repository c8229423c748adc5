import HTML
import HTTP

/// The texts of failed logins. They contain no code, token or claim.
extension LoginFailure {
    var title: String {
        switch self {
        case .badRequest: "This sign-in link is not complete"
        case .cookiesBlocked: "Your browser did not send our cookie back"
        case .codeSpent: "This sign-in link was already used"
        case .codeRefused: "This sign-in link is no longer valid"
        case .tokenRefused: "We could not confirm who you are"
        case .accessRemoved: "You no longer have access"
        case .notYourInstallation: "This installation is not known here"
        case .tooManyAttempts: "Too many attempts"
        case .providerUnreachable: "The marketplace did not answer properly"
        case .keysUnavailable: "Sign-in cannot be checked right now"
        case .providerTooSlow: "The marketplace took too long to answer"
        case .ledgerUnavailable, .storeUnavailable: "Sign-in is briefly not possible"
        case .wrongIssuer: "This sign-in came from somewhere else"
        case .unknownState: "This sign-in did not begin in this browser"
        case .providerRefused: "The marketplace did not sign you in"
        case .discoveryUnavailable: "Sign-in cannot begin right now"
        }
    }

    var explanation: HTML {
        switch self {
        case .badRequest:
            "<p>Part of the address is missing, doubled or damaged. Nothing has changed. Open the app again from the marketplace.</p>"
        case .cookiesBlocked:
            "<p>When this sign-in began we set a cookie, and your browser did not send it back. It may block cookies for this site, or the sign-in took more than ten minutes. Nobody was signed in. Allow cookies for this site, then start again and finish within ten minutes.</p>"
        case .codeSpent:
            "<p>Each link signs in once, and this one has done so: perhaps in another tab, or when the page was reloaded. Start again to get a fresh one.</p>"
        case .codeRefused:
            "<p>The marketplace does not accept it any more. Links are meant to be used at once. Start again to get a fresh one.</p>"
        case .tokenRefused:
            "<p>What the marketplace sent about you did not pass our checks, so nobody was signed in. If this happens again, tell your administrator the request number below.</p>"
        case .accessRemoved:
            "<p>The marketplace says that you are not a member of this installation any more. Ask an administrator of your team to add you again.</p>"
        case .notYourInstallation:
            "<p>Your team's installation has not been set up with this app, or has been removed. Open the app from the team that installed it.</p>"
        case .tooManyAttempts:
            "<p>Too many sign-ins were tried in a short time, so new ones are refused for a while. Nothing has changed.</p>"
        case .providerUnreachable:
            "<p>We asked the marketplace to confirm your sign-in and got no usable answer. Nothing has changed. Try again in a moment.</p>"
        case .keysUnavailable:
            "<p>The keys that prove the marketplace's word cannot be fetched at the moment, so no sign-in can be accepted. Try again in a moment.</p>"
        case .providerTooSlow:
            "<p>We waited for the marketplace to confirm your sign-in, but no answer came in time. Try again in a moment.</p>"
        case .ledgerUnavailable:
            "<p>So many people are signing in that we cannot make sure each link is used only once. Try again in a few minutes.</p>"
        case .storeUnavailable:
            "<p>The sign-in service cannot reach its own records at the moment, so nobody was signed in. Nothing is lost. Try again in a moment.</p>"
        case .wrongIssuer:
            "<p>It does not name the marketplace that this app belongs to, so nobody was signed in. Open the app again from the marketplace.</p>"
        case .unknownState:
            "<p>It was finished already, took more than ten minutes, or began in another browser. Nobody was signed in. Start again and stay in this browser.</p>"
        case .providerRefused:
            "<p>It reports that the sign-in was cancelled or is not permitted. Nothing has changed. If you did not cancel it, tell your administrator the request number below.</p>"
        case .discoveryUnavailable:
            "<p>We could not find out where the marketplace signs people in. Nothing has changed. Try again in a moment.</p>"
        }
    }
}

/// The pages of failed logins: each offers a new login, or, in a loop, the way back to the marketplace.
struct FailurePages: Sendable {
    let integration: IntegrationSettings

    /// `wait`: how long until another login may succeed, in seconds.
    func page(for failure: LoginFailure, wait: Int64?, isLoop: Bool, installation: String?) -> Page {
        let explanation: HTML = "\(failure.explanation)\(wait.map(Self.waiting) ?? "")"
        if isLoop {
            return Page(
                status: failure.status, icon: .notice, title: failure.title,
                content: """
                    \(explanation)<p><strong>It has now failed several times in a row.</strong> \
                    Another try from here is not likely to help: go back to the marketplace, or ask your administrator.</p>
                    """,
                actions: [.link("Back to the marketplace", to: marketplace, isPrimary: true)])
        }
        return Page(
            status: failure.status, icon: .notice, title: failure.title, content: explanation,
            actions: [
                .link(
                    "Sign in again",
                    to: SignInAddress.to(integration: integration.name, installation: installation, returnTo: nil),
                    isPrimary: true)
            ])
    }

    private static func waiting(_ seconds: Int64) -> HTML {
        let time = seconds < 90 ? "\(seconds) seconds" : "\((seconds + 59) / 60) minutes"
        return "<p>Please wait \(time) before you try again.</p>"
    }

    /// For a browser that signs in again and again, although each login succeeds.
    func loop(again address: String) -> Page {
        Page(
            status: .ok, icon: .notice, title: "Signing in does not last",
            content: """
                <p>You were signed in several times within a few minutes, and each time you were asked to sign in again. \
                Perhaps this browser does not keep our cookies, or part of the app does not know them. \
                If it happens again, tell your administrator the request number below.</p>
                """,
            actions: [
                .link("Back to the marketplace", to: marketplace, isPrimary: true),
                .link("Try once more", to: address, isPrimary: false),
            ])
    }

    /// The marketplace's start page.
    private var marketplace: String {
        let end = integration.ssoURL.firstRange(of: "://")?.upperBound ?? integration.ssoURL.startIndex
        let host = integration.ssoURL[end...].prefix { $0 != "/" }
        return integration.ssoURL[..<end] + host + "/"
    }
}
