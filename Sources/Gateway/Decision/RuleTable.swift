package import Marketplace

/// Who may pass where: the first rule that matches decides.
package struct RuleTable: Sendable {
    package struct Rule: Sendable {
        /// What a match means.
        package enum Verdict: Sendable, Equatable {
            /// Signed in or not.
            case anyone
            case roles(Set<MemberRole>)
        }

        /// Canonical form; nil for every host.
        package let host: String?
        /// Without its trailing slash: matches itself and whatever lies below it. Nil for every path.
        package let path: String?
        /// Nil for every method.
        package let methods: Set<String>?
        package let verdict: Verdict

        package init(host: String?, path: String?, methods: Set<String>?, verdict: Verdict) {
            self.host = host
            self.path = path.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
            self.methods = methods
            self.verdict = verdict
        }

        func matches(_ request: OriginalRequest) -> Bool {
            if let host, host != request.host { return false }
            if let methods, !methods.contains(request.method) { return false }
            guard let path else { return true }
            let asked = request.path.text.utf8
            guard asked.starts(with: path.utf8) else { return false }
            // On a segment boundary: `/admin` is not `/administrators`.
            return asked.count == path.utf8.count || asked.dropFirst(path.utf8.count).first == UInt8(ascii: "/")
        }
    }

    /// What holds where no rule matches.
    package enum Default: String, Sendable, CaseIterable {
        case anyMember = "allow"
        case deny
    }

    package let rules: [Rule]
    package let `default`: Default

    package init(_ rules: [Rule] = [], default: Default = .anyMember) {
        self.rules = rules
        self.default = `default`
    }

    /// The deciding rule's name (`rule 1`, …, `default`) and what it says.
    func decide(_ request: OriginalRequest, role: MemberRole?) -> (rule: String, permission: Permission) {
        for (index, rule) in rules.enumerated() where rule.matches(request) {
            let name = "rule \(index + 1)"
            switch rule.verdict {
            case .anyone: return (name, .pass)
            case .roles(let roles):
                guard let role else { return (name, .signIn) }
                return (name, roles.contains(role) ? .pass : .forbid)
            }
        }
        guard role != nil else { return ("default", .signIn) }
        return ("default", `default` == .deny ? .forbid : .pass)
    }

    enum Permission: Sendable, Equatable {
        case pass, signIn, forbid
    }
}
