import HTTP

/// A decision with what its log line says. Small values only, because every decision makes one.
struct Decided: Sendable {
    /// Labels of the decision counter.
    enum Outcome: String, Sendable, CaseIterable {
        case allowed, anonymous, forbidden, malformed, untrusted
        case signIn = "sign_in"
        /// The role is too old and could not be checked.
        case unchecked
    }

    let response: HTTPResponse
    let outcome: Outcome
    /// Nil if it could not be read.
    private let original: OriginalRequest?
    /// Nil where no rule was asked.
    private let rule: Int??
    private let session: SessionID?

    init(
        _ response: HTTPResponse, _ outcome: Outcome, _ original: OriginalRequest? = nil,
        _ decision: RuleTable.Decision? = nil, session: SessionID? = nil
    ) {
        self.response = response
        self.outcome = outcome
        self.original = original
        rule = decision.map(\.index)
        self.session = session
    }

    /// Of the log line. The path is not in it: it may hold personal data, and in some apps a token.
    func fields(_ dialect: ProxyDialect, _ client: ClientAddress, nanoseconds: UInt64) -> EventLog.Fields {
        [
            "outcome": outcome.rawValue, "status": "\(response.status.rawValue)", "dialect": dialect.name,
            "method": original?.method ?? "", "host": original?.host ?? "",
            "rule": rule.map(RuleTable.name) ?? "", "session": session?.text ?? "",
            "client": client.description, "milliseconds": "\(Double(nanoseconds / 1000) / 1000)",
        ]
    }
}
