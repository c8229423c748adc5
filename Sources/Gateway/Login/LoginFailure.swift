import HTTP
import Marketplace
import Untrusted

/// Every way in which a login can fail. Each has its own page, and its own word in the log and the metrics.
enum LoginFailure: String, Error, Sendable, CaseIterable {
    case badRequest = "bad_request"
    /// The browser did not send back the cookie of the login that began at `/sso/start`.
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
    /// The ledger in memory is full, so the gateway cannot guarantee that a code is used once.
    case ledgerUnavailable = "ledger_unavailable"
    case storeUnavailable = "store_unavailable"
    /// A standard login of another issuer, or an answer that names another one.
    case wrongIssuer = "wrong_issuer"
    /// An answer to a standard login that did not begin in this browser, or is over.
    case unknownState = "unknown_state"
    /// The issuer answered a standard login with an error.
    case providerRefused = "provider_refused"
    /// The issuer's endpoints are not known.
    case discoveryUnavailable = "discovery_unavailable"

    var status: HTTPStatus {
        switch self {
        case .badRequest, .cookiesBlocked, .codeSpent, .codeRefused, .wrongIssuer, .unknownState: .badRequest
        case .tokenRefused, .accessRemoved, .notYourInstallation, .providerRefused: .forbidden
        case .tooManyAttempts: .tooManyRequests
        case .providerUnreachable: .badGateway
        case .keysUnavailable, .ledgerUnavailable, .storeUnavailable, .discoveryUnavailable: .serviceUnavailable
        case .providerTooSlow: .gatewayTimeout
        }
    }
}

/// A failure with details for the log: `reason` is a word of a closed set, `detail` a text for operators.
struct FailedLogin: Error, Sendable {
    let failure: LoginFailure
    let reason: String
    var detail = ""
    /// How long until another login may succeed, where that is known. In seconds.
    var wait: Int64?
    /// The code was never sent to the marketplace.
    var codeNeverLeft = false
}

extension FailedLogin {
    static let noCookie = FailedLogin(failure: .cookiesBlocked, reason: "no_cookie")

    init(_ refusal: LoginRequest.Refusal) {
        self.init(failure: refusal == .providerError ? .codeRefused : .badRequest, reason: refusal.reason)
    }

    init(_ refusal: LoginParameters.Refusal) { self.init(failure: .badRequest, reason: refusal.reason) }

    init(_ failure: ProviderMetadataCache.Unavailable) {
        self.init(failure: .discoveryUnavailable, reason: failure.reason)
    }

    init(_ failure: ExchangeFailure) {
        switch failure {
        case .codeRefused(let status, let code), .clientRefused(let status, let code):
            self.init(failure: .codeRefused, reason: failure.reason, detail: Self.answered(status, code))
        case .rateLimited: self.init(failure: .tooManyAttempts, reason: failure.reason, wait: 60)
        case .unreachable(let error):
            self.init(failure: .providerUnreachable, reason: failure.reason, detail: "\(error)")
            codeNeverLeft = error.requestWasNeverWritten
        case .timedOut: self.init(failure: .providerTooSlow, reason: failure.reason)
        case .nonsense(let status, _):
            self.init(failure: .providerUnreachable, reason: failure.reason, detail: Self.answered(status, nil))
        case .tokenMalformed: self.init(failure: .tokenRefused, reason: failure.reason)
        }
    }

    init(_ failure: IDTokenVerifier.Failure) {
        switch failure {
        case .refused(let refusal):
            self.init(failure: .tokenRefused, reason: refusal.reason, detail: Self.detail(of: refusal))
        case .keysUnavailable(let why): self.init(failure: .keysUnavailable, reason: "keys", detail: "\(why)")
        }
    }

    init(_ failure: StoreError) { self.init(failure: .storeUnavailable, reason: "store", detail: "\(failure)") }

    private static func answered(_ status: Int, _ code: String?) -> String {
        "the token endpoint answered \(status)" + (code.map { " \($0)" } ?? "")
    }

    /// What an operator needs to correct a configuration. Audiences and issuers are not secrets.
    private static func detail(of refusal: IDTokenRefusal) -> String {
        switch refusal {
        case .audience(let presented, let configured):
            "presented audience \(presented ?? "none"), configured \(configured)"
        case .issuer(let presented): "presented issuer \(presented ?? "none")"
        default: ""
        }
    }
}
