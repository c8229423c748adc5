/// Every page of the gateway. The raw value is the beginning of its texts' keys, and the name of a template that replaces it.
package enum PageName: String, Sendable, CaseIterable {
    // Failed logins.
    case badRequest = "bad_request"
    case cookiesBlocked = "cookies_blocked"
    case codeSpent = "code_spent"
    case codeRefused = "code_refused"
    case tokenRefused = "token_refused"
    case accessRemoved = "access_removed"
    case notYourInstallation = "not_your_installation"
    case tooManyAttempts = "too_many_attempts"
    case providerUnreachable = "provider_unreachable"
    case keysUnavailable = "keys_unavailable"
    case providerTooSlow = "provider_too_slow"
    case ledgerUnavailable = "ledger_unavailable"
    case storeUnavailable = "store_unavailable"
    case wrongIssuer = "wrong_issuer"
    case unknownState = "unknown_state"
    case providerRefused = "provider_refused"
    case discoveryUnavailable = "discovery_unavailable"
    // Before and after logins.
    case loginLoop = "login_loop"
    case sessionEnded = "session_ended"
    case startRefused = "start_refused"
    case chooseIntegration = "choose_integration"
    case confirmLogin = "confirm_login"
    case confirmSwitch = "confirm_switch"
    case confirmationOutdated = "confirmation_outdated"
    case signOut = "sign_out"
    case signedOut = "signed_out"
    case stillSignedIn = "still_signed_in"
    // Any address.
    case notSent = "not_sent"
    case notPermitted = "not_permitted"
    case tooManySignIns = "too_many_sign_ins"
    case notFound = "not_found"
    case requestMalformed = "request_malformed"

    /// Whether the page has a form, which a template must not lose.
    var hasForm: Bool { [.confirmLogin, .confirmSwitch, .signOut].contains(self) }
}
