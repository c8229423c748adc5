/// Why a body, a query or a path is refused, and which field is to blame.
package struct FieldError: Error, Sendable, Equatable {
    /// In the order of the checks.
    package enum Problem: Sendable, Equatable {
        /// The text is no JSON; the word is `JSONRefusal.reason`.
        case notJSON(String)
        /// The same name twice in one object.
        case duplicate
        /// No field of this object has this name.
        case unknown
        case missing
        /// The value is of another type; the text says of which it has to be.
        case wrongType(String)
        /// A rule that the value breaks, as a sentence without subject: `must not be …`.
        case rule(String)
    }

    /// As `billing[3].start`; empty for the body itself.
    package let path: String
    package let problem: Problem

    package init(_ path: String, _ problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// A stable word for logs and metrics.
    package var reason: String {
        switch problem {
        case .notJSON(let word): word
        case .duplicate: "duplicate_field"
        case .unknown: "unknown_field"
        case .missing: "missing_field"
        case .wrongType: "wrong_type"
        case .rule: "rule"
        }
    }
}

extension FieldError: CustomStringConvertible {
    package var description: String {
        let name = path.isEmpty ? "The body" : path
        return switch problem {
        case .notJSON(let word): "\(name) cannot be read as JSON (\(word))."
        case .duplicate: "\(name) is there twice."
        case .unknown: "\(name) is not a known field."
        case .missing: "\(name) is missing."
        case .wrongType(let type): "\(name) must be \(type)."
        case .rule(let rule): "\(name) \(rule)."
        }
    }
}
