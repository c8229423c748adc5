import HTTP
import Untrusted

/// A route of the stand-in.
enum StandInRoute: Equatable {
    case dashboard
    case start(slug: String, installation: String?)
    case startByInstallation
    case exchange
    /// The endpoints of standard logins.
    case authorize, exchangeAuthorization
    case grantCredentials
    case keys
    case discovery
    case member(installation: String, member: String)
    case account(installation: String)
    case rotateCredentials(installation: String)
    case revokeCredentials(installation: String)
    case market(installation: String, MarketPath)
    case buyCredits
    /// Of the other vendor.
    case checkout
    /// Below `/stand-in/`.
    case control(StandInControl)

    /// Nil for an unknown address. A segment is decoded after splitting, so an encoded slash stays inside it.
    init?(_ target: RequestTarget) {
        var segments: [String] = []
        for raw in target.rawPath.string.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let bytes = try? PercentEncoding.decode(Array(raw.utf8)) else { return nil }
            segments.append(String(decoding: bytes, as: UTF8.self))
        }
        // One slash at the end changes nothing.
        if segments.last == "" { segments.removeLast() }
        guard !segments.contains("") else { return nil }
        // The marketplace's API answers on two hosts, on one of them below /api.
        if segments.starts(with: ["api", "v1"]) { segments.removeFirst() }
        // The older name of the same collection.
        if segments.starts(with: ["v1", "integrations", "marketplace", "installations"]) {
            segments.removeSubrange(1...2)
        }
        self.init(segments)
    }

    private init?(_ segments: [String]) {
        switch segments {
        case []: self = .dashboard
        case ["api", "marketplace", "sso"]: self = .startByInstallation
        case ["v1", "integrations", "sso", "token"]: self = .exchange
        case ["oauth", "authorize"]: self = .authorize
        case ["oauth", "token"]: self = .exchangeAuthorization
        case ["login", "oauth", "token"]: self = .grantCredentials
        case ["v1", "billing", "buy"]: self = .buyCredits
        case [".well-known", "jwks"], [".well-known", "jwks.json"]: self = .keys
        case [".well-known", "openid-configuration"]: self = .discovery
        default:
            if segments.starts(with: ["sso", "integrations"]), (3...4).contains(segments.count) {
                self = .start(slug: segments[2], installation: segments.count == 4 ? segments[3] : nil)
            } else if segments.starts(with: ["v1", "installations"]), segments.count >= 3 {
                self.init(installation: segments[2], Array(segments[3...]))
            } else if segments.starts(with: ["v1", "org"]), segments.count == 5,
                segments[3...] == ["credits", "checkout"]
            {
                self = .checkout
            } else if segments.first == "stand-in",
                let control = StandInControl(rawValue: segments.dropFirst().joined(separator: "/"))
            {
                self = .control(control)
            } else {
                return nil
            }
        }
    }

    private init?(installation: String, _ rest: [String]) {
        switch rest {
        case ["account"]: self = .account(installation: installation)
        case ["credentials", "rotate"]: self = .rotateCredentials(installation: installation)
        case ["credentials", "revoke"]: self = .revokeCredentials(installation: installation)
        case _ where rest.count == 2 && rest[0] == "member":
            self = .member(installation: installation, member: rest[1])
        default:
            guard let path = MarketPath(rest) else { return nil }
            self = .market(installation: installation, path)
        }
    }

    /// HEAD is missing where a login starts: a link checker must not make codes.
    var methods: [HTTPMethod] {
        switch self {
        case .start, .startByInstallation, .authorize: [.get]
        case .dashboard, .keys, .discovery, .member, .account: [.get, .head]
        case .exchange, .exchangeAuthorization, .grantCredentials, .rotateCredentials, .revokeCredentials, .buyCredits,
            .checkout:
            [.post]
        case .market(_, let path): path.methods
        case .control(let control): control.methods
        }
    }
}

/// The controls, by their address below `/stand-in/`.
enum StandInControl: String, CaseIterable {
    case faults, counters, codes, webhooks, installations, clock, billing
    case rotateKeys = "keys/rotate"
    case openAPI = "openapi.yaml"

    var methods: [HTTPMethod] {
        switch self {
        case .faults, .clock, .billing: [.get, .head, .post]
        case .counters, .openAPI: [.get, .head]
        case .codes, .rotateKeys, .webhooks, .installations: [.post]
        }
    }
}
