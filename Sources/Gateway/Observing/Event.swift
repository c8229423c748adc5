/// What the gateway logs: this list and nothing else.
package enum Event: String, Sendable, CaseIterable {
    /// The gateway has started. Fields: `version`, `configuration` (its SHA-256, without secrets), and the libraries' versions.
    case started
    /// The gateway could not start. Fields: `problem`.
    case startFailed = "start_failed"
    /// A listener is open. Fields: `address`.
    case listening
    /// Answers under way are finished. New connections are refused.
    case draining
    case stopped
    /// A configuration was read again and is in use. Fields: `changes`, a number, `change` with the lines, and its SHA-256,
    /// `configuration`.
    case configurationReloaded = "configuration_reloaded"
    /// A configuration that was read again has errors: the running one stays. Fields: `problem`.
    case configurationRefused = "configuration_refused"
    /// A member signed in. Fields: `integration`, `installation`, `user`, `role`, `session`, `client`.
    case loginSucceeded = "login_succeeded"
    /// The browser that a code had signed in sent that code again. Fields: `session`.
    case loginRepeated = "login_repeated"
    /// A browser sent a used code without the session that the code made. It was redirected to a new login. Fields:
    /// `integration`.
    case loginRestarted = "login_restarted"
    /// A login needs confirmation: another member is signed in on this browser, or `login.confirm` is `always`.
    /// Fields: `integration`, `user`.
    case loginNeedsConfirmation = "login_asked"
    /// The person chose "stay" on the confirmation page.
    case loginDeclined = "login_declined"
    /// A login goes on in the region where the installation is at home. Fields: `integration`, `installation`, `user`,
    /// `region`, `client`.
    case loginHandedOver = "login_handed_over"
    /// A login failed. Fields: `outcome`, `reason`, `detail`, `integration`, `client`.
    case loginFailed = "login_failed"
    /// A browser signs in again and again, although each login succeeds. Fields: `integration`.
    case loginLoop = "login_loop"
    /// The member look-up gave no answer, the token's own role was used. Fields: `reason`, `integration`.
    case memberLookupUnavailable = "member_lookup_unavailable"
    /// A look-up answered that a member was removed, or the installation. Fields: `reason`, `integration`, `installation`, `user`.
    case memberRemoved = "member_removed"
    /// An operator revoked sessions. Fields: `scope`.
    case sessionsRevoked = "sessions_revoked"
    /// The marketplace called about an installation with a valid token. Fields: `method`, `outcome`, `status`,
    /// `reason`, `integration`, `installation`, `user`.
    case installationCalled = "installation_called"
    /// A call about an installation was not the marketplace's, or was malformed. Fields: `reason`, `client`.
    case installationCallRefused = "installation_call_refused"
    /// The account look-up gave no usable answer: pages show no team name. Fields: `reason`, `integration`.
    case accountLookupUnavailable = "account_lookup_unavailable"
    /// Fields: `session`, `user`.
    case signedOut = "signed_out"
    /// An operator stored an installation or its token. Fields: `integration`, `installation`.
    case installationStored = "installation_stored"
    /// An operator removed an installation, and its token was erased. Fields: `integration`, `installation`.
    case installationRemoved = "installation_removed"
    /// The marketplace gave a new token for a stored one. Fields: `integration`, `installation`.
    case tokenRotated = "token_rotated"
    /// An operator had stored tokens sealed again under the first key of the ring. Fields: `resealed`, `unreadable`.
    case tokensResealed = "tokens_resealed"
    /// No key of the ring opens a stored token. Fields: `integration`, `installation`.
    case tokenUnreadable = "token_unreadable"
    /// The token file cannot be read; its last readable content is used. Fields: `integration`, `detail`.
    case tokenFileUnreadable = "token_file_unreadable"
    /// A webhook was stored. Fields: `type`, `effect`, `webhook`, `integration`, `installation`, `user`.
    case webhookReceived = "webhook_received"
    /// A request at the webhook address was refused. Fields: `reason`, `integration`, `client`.
    case webhookRefused = "webhook_refused"
    /// A decision of the sample that `log.decisions` wants. Fields: `outcome`, `status`, `dialect`, `method`, `host`, `rule`,
    /// `session`, `client`, `milliseconds`.
    case decision
    /// A decision request was malformed or ambiguous, or its peer is not trusted. Fields: `reason`, `client`.
    case decisionMalformed = "decision_malformed"
    /// A rule refused a signed-in member. Fields: `rule`, `reading`, `user`, `session`.
    case decisionForbidden = "decision_forbidden"
    /// A partner's server called the marketplace through the broker, or was refused. Fields: `client`, `operation`,
    /// `integration`, `installation`, `status`, `milliseconds`, `outcome`, and `member` where an assertion names one.
    case marketplaceCalled = "marketplace_called"
    /// A request to another server had no answer. Fields: `operation`, `host`, `reason`, `detail`.
    case upstreamFailed = "upstream_failed"
    /// The store is `memory`: a restart forgets revocations, spent codes and stored tokens.
    case storeInMemory = "store_in_memory"
    /// The store stopped answering. Decisions use the index in memory. Fields: `detail`.
    case storeUnavailable = "store_unavailable"
    /// The store answers again.
    case storeAvailable = "store_available"
    /// The store lost changes that it had acknowledged, as after a failover to a standby that was behind.
    case storeWentBack = "store_went_back"
    /// The process has few descriptors left: new connections are closed, except the admin listener's.
    case descriptorsShort = "descriptors_short"
    /// There are enough again.
    case descriptorsAvailable = "descriptors_available"
    /// The reader of the log was too slow, or the log could not be written. Fields: `count`.
    case logLinesDropped = "log_lines_dropped"
    /// The listener itself refused a request. Fields: `reason`.
    case requestMalformed = "request_malformed"

    package enum Level: String, Sendable {
        case info, warning, error
    }

    package var level: Level {
        switch self {
        case .startFailed, .configurationRefused, .storeUnavailable, .storeWentBack, .descriptorsShort,
            .tokenUnreadable,
            .tokenFileUnreadable,
            .logLinesDropped:
            .error
        case .storeInMemory, .upstreamFailed, .loginFailed, .loginLoop, .memberLookupUnavailable,
            .accountLookupUnavailable,
            .decisionMalformed,
            .decisionForbidden, .webhookRefused, .installationCallRefused, .requestMalformed:
            .warning
        default: .info
        }
    }
}

/// Records events. Values are identifiers, counts and words of closed sets: never a code, a token, a cookie, a secret or
/// a query string.
package struct EventLog: Sendable {
    package typealias Fields = KeyValuePairs<String, String>

    private let write: @Sendable (Event, RequestID?, Fields) -> Void

    package init(_ write: @escaping @Sendable (Event, RequestID?, Fields) -> Void) { self.write = write }

    package func record(_ event: Event, _ request: RequestID? = nil, _ fields: Fields = [:]) {
        write(event, request, fields)
    }
}
