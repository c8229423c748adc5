import HTTP
import Locking

/// Collects what the log says of one decision. A decision that is not logged has none.
final class DecisionLine: Sendable {
    /// Labels of the decision counter.
    enum Outcome: String, Sendable, CaseIterable {
        case allowed, anonymous, forbidden, malformed, untrusted
        case signIn = "sign_in"
        /// The role is too old and could not be checked.
        case unchecked
    }

    private struct Facts {
        var outcome: Outcome?
        var method = ""
        var host = ""
        var rule = ""
        var session = ""
    }

    private let facts = Locked(Facts())

    func note(_ outcome: Outcome) { facts.withLock { $0.outcome = outcome } }

    /// The path is not noted: it may hold personal data, and in some apps a token.
    func note(_ original: OriginalRequest, _ session: LiveSession?, rule: String = "") {
        facts.withLock {
            $0.method = original.method
            $0.host = original.host
            $0.rule = rule
            $0.session = session?.id.text ?? ""
        }
    }

    func fields(_ status: HTTPStatus, _ dialect: ProxyDialect, _ client: ClientAddress, nanoseconds: UInt64)
        -> EventLog.Fields
    {
        let facts = facts.withLock { $0 }
        return [
            "outcome": facts.outcome?.rawValue ?? "", "status": "\(status.rawValue)", "dialect": dialect.name,
            "method": facts.method, "host": facts.host, "rule": facts.rule, "session": facts.session,
            "client": client.description, "milliseconds": "\(Double(nanoseconds / 1000) / 1000)",
        ]
    }
}
