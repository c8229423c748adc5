import HTTP

/// A decision, and what the log says of it.
struct Decided: Sendable {
    /// Labels of the decision counter.
    enum Outcome: String, Sendable, CaseIterable {
        case allowed, anonymous, forbidden, malformed, untrusted
        case signIn = "sign_in"
        /// The role is too old and could not be checked.
        case unchecked
    }

    /// What the log says of the original request. The path is not in it: it may hold personal data, and in some apps a token.
    final class Facts: Sendable {
        let method: String
        let host: String
        let rule: String
        let session: String

        init(_ original: OriginalRequest, rule: String, session: SessionID?) {
            method = original.method
            host = original.host
            self.rule = rule
            self.session = session?.text ?? ""
        }
    }

    let response: HTTPResponse
    let outcome: Outcome
    /// Nil where the request could not be read, and for a decision that is not logged: most are not, and pay nothing.
    let facts: Facts?

    init(_ response: HTTPResponse, _ outcome: Outcome, _ facts: Facts? = nil) {
        self.response = response
        self.outcome = outcome
        self.facts = facts
    }

    /// Of the log line.
    func fields(_ dialect: ProxyDialect, _ client: ClientAddress, nanoseconds: UInt64) -> EventLog.Fields {
        [
            "outcome": outcome.rawValue, "status": "\(response.status.rawValue)", "dialect": dialect.name,
            "method": facts?.method ?? "", "host": facts?.host ?? "", "rule": facts?.rule ?? "",
            "session": facts?.session ?? "", "client": client.description,
            "milliseconds": "\(Double(nanoseconds / 1000) / 1000)",
        ]
    }
}
