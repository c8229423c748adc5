import HTTP
package import Marketplace

/// Who may pass where: the first rule that matches decides.
package struct RuleTable: Sendable {
    /// One object: a rule is asked far more often than it is made.
    package final class Rule: Sendable {
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
        /// What the assertion calls the app behind this row; nil for the request's host.
        package let app: String?

        // The same for comparing with what came.
        private let hostBytes: [UInt8]?
        private let pathBytes: [UInt8]?
        fileprivate let appBytes: ArraySlice<UInt8>?

        package init(host: String?, path: String?, methods: Set<String>?, verdict: Verdict, app: String? = nil) {
            self.host = host
            self.path = path.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
            self.methods = methods
            self.verdict = verdict
            self.app = app
            hostBytes = host.map { Array($0.utf8) }
            pathBytes = self.path.map { Array($0.utf8) }
            appBytes = app.map { Array($0.utf8)[...] }
        }

        /// Why a rule is not the deciding one, in the order of the checks.
        package enum Mismatch: String, Sendable {
            case host, method, path
        }

        func mismatch(_ request: OriginalRequest, path asked: PlainPath) -> Mismatch? {
            if let hostBytes, !request.isFor(host: hostBytes.span) { return .host }
            if let methods, !methods.contains(request.method) { return .method }
            return covers(asked.bytes.span) ? nil : .path
        }

        /// On a segment boundary: `/admin` is not `/administrators`.
        private func covers(_ asked: borrowing Span<UInt8>) -> Bool {
            guard let path = pathBytes else { return true }
            guard asked.count >= path.count, SameBytes.areSame(asked.extracting(0..<path.count), path.span) else {
                return false
            }
            return asked.count == path.count || asked[path.count] == UInt8(ascii: "/")
        }

        /// True where every host and path of `other` is one of ours, whatever the methods.
        private func encloses(_ other: Rule) -> Bool {
            guard host == nil || host == other.host else { return false }
            guard let path else { return true }
            return other.pathBytes.map { covers($0.span) } ?? path.isEmpty
        }

        /// True where `earlier` leave nothing for this rule to decide.
        package func isUnreachable(behind earlier: some Sequence<Rule>) -> Bool {
            var taken: Set<String> = []
            for rule in earlier where rule.encloses(self) {
                guard let methods = rule.methods else { return true }
                taken.formUnion(methods)
            }
            return methods.map { $0.isSubset(of: taken) } ?? false
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

    /// What the first matching row says, and which one it is.
    struct Decision {
        fileprivate let index: Int?
        let permission: Permission
        let app: ArraySlice<UInt8>?

        /// `rule 1`, …, `default`.
        var rule: String { index.map(RuleTable.name) ?? "default" }
    }

    func decide(_ request: OriginalRequest, role: MemberRole?) throws(OriginalRequest.Refusal) -> Decision {
        let deciding = index(request, request.path)
        for other in request.path.otherReadings where index(request, other) != deciding { throw .otherReading }
        return Decision(
            index: deciding, permission: permission(deciding, role), app: deciding.flatMap { rules[$0].appBytes })
    }

    private func permission(_ deciding: Int?, _ role: MemberRole?) -> Permission {
        let verdict = deciding.map { rules[$0].verdict }
        if verdict == .anyone { return .pass }
        guard let role else { return .signIn }
        return switch verdict {
        case .anyone: .pass
        case .roles(let roles): roles.contains(role) ? .pass : .forbid
        case nil: `default` == .deny ? .forbid : .pass
        }
    }

    /// Of a row, as the log and `explain` call it; counted from 1, as configuration mistakes are.
    package static func name(_ index: Int) -> String { "rule \(index + 1)" }

    private func index(_ request: OriginalRequest, _ path: PlainPath) -> Int? {
        let rules = rules.span
        for index in rules.indices where rules[index].mismatch(request, path: path) == nil { return index }
        return nil
    }

    package enum Permission: Sendable, Equatable {
        case pass, signIn, forbid
    }
}
