/// What the gateway logs: this list and nothing else.
package enum Event: String, Sendable, CaseIterable {
    /// A listener is open. Fields: `address`.
    case listening
    /// Answers under way are finished, new connections are not taken.
    case draining
    case stopped
    /// A configuration was read anew and is in use. Fields: `changes`, a number, and `change` with the lines.
    case configurationReloaded = "configuration_reloaded"
    /// A configuration that was read anew is wrong: the running one stays. Fields: `problem`.
    case configurationRefused = "configuration_refused"
    /// A member signed in. Fields: `integration`, `installation`, `user`, `role`, `session`.
    case loginSucceeded = "login_succeeded"
    /// A used code came again from the browser it had signed in.
    case loginRepeated = "login_repeated"
    /// A used code came from a browser without the session that came of it, which was sent to a fresh login. Fields:
    /// `integration`.
    case loginRestarted = "login_restarted"
    /// Somebody else is signed in on this browser, or the configuration wants a question: asked.
    case loginAsked = "login_asked"
    /// The question was answered with "stay".
    case loginDeclined = "login_declined"
    /// A login came to nothing. Fields: `outcome`, `reason`, `detail`, `integration`.
    case loginFailed = "login_failed"
    /// Logins succeed in this browser, and it comes again all the same. Fields: `integration`.
    case loginLoop = "login_loop"
    /// The member look-up gave no answer, the token's own role was used. Fields: `reason`, `integration`.
    case memberLookupUnavailable = "member_lookup_unavailable"
    /// A look-up said that somebody's access is over. Fields: `reason`, `integration`, `installation`, `user`.
    case memberRemoved = "member_removed"
    /// An operator ended sessions. Fields: `scope`.
    case sessionsRevoked = "sessions_revoked"
    /// The marketplace called about an installation, and its token was good. Fields: `method`, `outcome`, `status`,
    /// `reason`, `integration`, `installation`, `user`.
    case installationCalled = "installation_called"
    /// A call about an installation was not the marketplace's, or cannot be understood. Fields: `reason`.
    case installationCallRefused = "installation_call_refused"
    /// The account look-up gave no answer: the team has no name to be shown. Fields: `reason`, `integration`.
    case accountLookupUnavailable = "account_lookup_unavailable"
    /// Fields: `session`, `user`.
    case signedOut = "signed_out"
    /// An installation or its token was put in. Fields: `integration`, `installation`.
    case installationStored = "installation_stored"
    /// An installation was removed on an operator's word, its token erased. Fields: `integration`, `installation`.
    case installationRemoved = "installation_removed"
    /// The marketplace gave a new token for a stored one. Fields: `integration`, `installation`.
    case tokenRotated = "token_rotated"
    /// A stored token opens with no key of the ring. Fields: `integration`, `installation`.
    case tokenUnreadable = "token_unreadable"
    /// The file of tokens cannot be read; what was known before is used. Fields: `integration`, `detail`.
    case tokenFileUnreadable = "token_file_unreadable"
    /// A webhook was stored. Fields: `type`, `effect`, `webhook`, `integration`, `installation`, `user`.
    case webhookReceived = "webhook_received"
    /// Something that is no webhook of ours. Fields: `reason`, `integration`.
    case webhookRefused = "webhook_refused"
    /// A proxy asked in a way that could be read twice. Fields: `reason`.
    case decisionMalformed = "decision_malformed"
    /// A signed-in member was turned away. Fields: `rule`, `user`, `session`.
    case decisionForbidden = "decision_forbidden"
    /// A partner's server called the marketplace through the broker, or was refused. Fields: `client`, `operation`,
    /// `integration`, `installation`, `status`, `milliseconds`, `outcome`, and `member` where one asks.
    case marketplaceCalled = "marketplace_called"
    /// The store stopped answering. Decisions go on with what is known. Fields: `detail`.
    case storeUnavailable = "store_unavailable"
    /// The store answers again.
    case storeAvailable = "store_available"
    /// The process has few descriptors left: new connections are closed, the admin listener's are not.
    case descriptorsShort = "descriptors_short"
    /// There are enough again.
    case descriptorsAvailable = "descriptors_available"
    /// Whoever reads the log was too slow, or it could not be written. Fields: `count`.
    case logLinesDropped = "log_lines_dropped"
    /// Bytes that are no request. Fields: `reason`.
    case requestMalformed = "request_malformed"

    package enum Level: String, Sendable {
        case info, warning, error
    }

    package var level: Level {
        switch self {
        case .configurationRefused, .storeUnavailable, .descriptorsShort, .tokenUnreadable, .tokenFileUnreadable,
            .logLinesDropped:
            .error
        case .loginFailed, .loginLoop, .memberLookupUnavailable, .accountLookupUnavailable, .decisionMalformed,
            .decisionForbidden, .webhookRefused, .installationCallRefused, .requestMalformed:
            .warning
        default: .info
        }
    }
}

/// Takes events and writes them somewhere. Values are identifiers, counts and words of closed sets: never a code, a
/// token, a cookie, a secret or a query string.
package struct EventLog: Sendable {
    package typealias Fields = KeyValuePairs<String, String>

    private let write: @Sendable (Event, RequestID?, Fields) -> Void

    package init(_ write: @escaping @Sendable (Event, RequestID?, Fields) -> Void) { self.write = write }

    package func record(_ event: Event, _ request: RequestID? = nil, _ fields: Fields = [:]) {
        write(event, request, fields)
    }
}
