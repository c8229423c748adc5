import JOSE

/// The state of a stand-in, under one lock.
struct StandInState {
    /// The client and the member of a code or a refresh token.
    struct Grant {
        let clientID: String
        let installationID: String
        let userID: String
    }

    struct Code {
        let grant: Grant
        let state: String
        let expires: Int64
        /// Nil for a pushed code.
        var authorization: Authorization?
        var isUsed = false
    }

    /// What a standard login's code is bound to.
    struct Authorization {
        let challenge: String
        let redirectURI: String
        let nonce: String?
    }

    /// A click on the dashboard that a partner has not answered with an authorization request yet.
    struct Click {
        let grant: Grant
        /// As a query string.
        let deepLink: String
        let expires: Int64
    }

    /// Beside the one that the settings name, which has no end.
    struct InstallationToken {
        let text: String
        /// Nil for never.
        let expires: Int64?
    }

    struct SigningKey {
        let id: String
        let key: JOSE.SigningKey
    }

    struct Counters {
        var codes = 0, exchanges = 0, keyFetches = 0, discoveryFetches = 0, memberLookups = 0, accountLookups = 0,
            tokenGrants = 0
        var apiCalls = 0
    }

    /// A member of one installation.
    struct MemberID: Hashable {
        let installation: String
        let user: String

        init(_ installation: String, _ user: String) {
            self.installation = installation
            self.user = user
        }
    }

    /// With more codes than this, expired ones are deleted.
    static let manyCodes = 100_000

    var codes: [String: Code] = [:]
    /// By `login_hint`.
    var clicks: [String: Click] = [:]
    /// Changed roles since the start: `ADMIN`, `USER`, or `NONE` for a removed member.
    var roles: [MemberID: String] = [:]
    /// The partner's answer to the last change, for the dashboard.
    var lastAnswer: String?
    /// Each is valid once.
    var refreshTokens: [String: Grant] = [:]
    /// By installation.
    var installationTokens: [String: [InstallationToken]] = [:]
    /// What was received for each installation.
    var markets: [String: InstallationMarket] = [:]
    /// How customers pay.
    var payment = StandInInvoice.Payment.paid
    var creditAnswer = CreditAnswer.purchaseIntent
    var purchases = 0
    /// Webhooks that are due, by their time.
    var notices: [(installation: String, notice: InstallationMarket.Notice)] = []
    /// The webhooks under way.
    var delivery: Task<Void, Never>?
    /// The first signs; all are published.
    var keys: [SigningKey]
    /// Was published once.
    var retired: SigningKey
    var fault = StandInFault.none
    /// How often the fault still occurs; nil for always.
    var faultTimes: Int?
    /// Of the slow faults. In milliseconds.
    var delay = 12_000
    var counters = Counters()

    init(keys: [SigningKey], retired: SigningKey) {
        self.keys = keys
        self.retired = retired
    }

    /// The fault, if it belongs to one of `surfaces`. Counts one occurrence.
    mutating func strike(_ surfaces: Set<StandInFault.Surface>) -> StandInFault {
        guard surfaces.contains(fault.surface) else { return .none }
        let struck = fault
        if let times = faultTimes {
            faultTimes = times > 1 ? times - 1 : nil
            if times <= 1 { fault = .none }
        }
        return struck
    }
}
