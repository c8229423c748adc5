package import Marketplace

/// The ordered rules: the first match decides, and the strictest result of all readings of a request holds.
package struct RuleTable: Sendable {
    /// The result where no rule matches.
    package enum Default: String, Sendable, CaseIterable {
        case anyMember = "allow"
        case deny
    }

    /// The result of a decision, from the least to the most strict.
    package enum Permission: Int, Sendable, Comparable {
        case allow, signIn, forbid

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    package let rules: [Rule]
    package let `default`: Default
    /// How much of a path the rules compare, allowing for three bytes that fold to one letter. In bytes.
    private let depth: Int
    private let hasCapitals: Bool
    /// Methods that applications distinguish, because they are usual or because a rule names them.
    private let namedMethods: Set<String>
    /// The paths of rules that need a role.
    private let limitedPaths: Set<[UInt8]>

    package init(_ rules: [Rule] = [], default: Default = .anyMember) {
        self.rules = rules
        self.default = `default`
        let paths = rules.compactMap(\.path)
        // One more byte, because a slash may follow.
        depth = ((paths.map(\.utf8.count).max() ?? 0) + 1) * 3
        hasCapitals = paths.contains { $0.utf8.contains(where: LetterCase.isChanged) }
        namedMethods = rules.reduce(into: OriginalRequest.usualMethods) { $0.formUnion($1.methods ?? []) }
        let limited = rules.filter { $0.verdict != .anyone }.compactMap { $0.path.map { Array($0.utf8) } }
        limitedPaths = Set(limited + limited.map(LetterCase.folded))
    }

    /// The result for a request, and the rule and the reading that it comes from.
    package struct Decision: Sendable {
        /// Counted from 0; nil where no rule matched.
        package let index: Int?
        package let permission: Permission
        /// What was done to path and method; empty for the request as it is.
        package let reading: [String]
        /// The assertion's audience, from the rule for the request as it is.
        var app: ArraySlice<UInt8>?
        /// False where every reading is allowed for anyone.
        var needsSession: Bool

        /// `rule 1`, …, or `default`.
        package var rule: String { index.map(RuleTable.name) ?? "default" }
    }

    /// The strictest result of all readings. `role`: nil without a session.
    package func decide(_ request: OriginalRequest, role: MemberRole?) -> Decision {
        var strictest: Decision?
        for reading in readings(of: request) {
            let index = index(request, reading)
            strictest = stricter(strictest, decision(index, role, reading.steps))
        }
        // There is always the request as it is.
        return strictest ?? decision(nil, role, [])
    }

    /// A request as one application reads it.
    struct Reading {
        let method: String
        let path: [UInt8]
        let isFolded: Bool
        let steps: [String]
        /// Rails and Django REST Framework serve `/admin.json` as `/admin`. Rules for anyone ignore it: they may name a file.
        var pathWithoutFormat: [UInt8]?
    }

    /// The request as it is comes first.
    private func readings(of request: OriginalRequest) -> [Reading] {
        var readings: [Reading] = []
        let paths = request.path.readings(limit: depth)
        for method in request.methods(named: namedMethods) {
            let steps = method == request.method ? [] : ["as \(method)"]
            for path in paths {
                readings.append(
                    Reading(method: method, path: path.bytes, isFolded: false, steps: path.steps + steps))
                guard hasCapitals || LetterCase.isChanged(by: path.bytes) else { continue }
                readings.append(
                    Reading(
                        method: method, path: LetterCase.folded(path.bytes), isFolded: true,
                        steps: path.steps + [LetterCase.step] + steps))
            }
        }
        return readings + readings.compactMap(withoutFormat)
    }

    /// Only where a rule names the rest: nearly every file has an ending.
    private func withoutFormat(_ reading: Reading) -> Reading? {
        guard let path = PathFormat.removed(from: reading.path), limitedPaths.contains(path) else { return nil }
        return Reading(
            method: reading.method, path: reading.path, isFolded: reading.isFolded,
            steps: reading.steps + [PathFormat.step], pathWithoutFormat: path)
    }

    /// The stricter of two, with the first one's app. Of equally strict ones the first.
    private func stricter(_ first: Decision?, _ second: Decision) -> Decision {
        guard let first else { return second }
        var stricter = second.permission > first.permission ? second : first
        stricter.app = first.app
        stricter.needsSession = first.needsSession || second.needsSession
        return stricter
    }

    private func decision(_ index: Int?, _ role: MemberRole?, _ steps: [String]) -> Decision {
        let verdict = index.map { rules[$0].verdict }
        return Decision(
            index: index, permission: permission(verdict, role), reading: steps,
            app: index.flatMap { rules[$0].appBytes }, needsSession: verdict != .anyone)
    }

    private func permission(_ verdict: Rule.Verdict?, _ role: MemberRole?) -> Permission {
        if verdict == .anyone { return .allow }
        guard let role else { return .signIn }
        return switch verdict {
        case .anyone: .allow
        case .roles(let roles): roles.contains(role) ? .allow : .forbid
        case nil: `default` == .deny ? .forbid : .allow
        }
    }

    private func index(_ request: OriginalRequest, _ reading: Reading) -> Int? {
        rules.firstIndex { $0.mismatch(request, reading) == nil }
    }

    /// Why the rules before the deciding one do not match, under the deciding reading.
    func skipped(_ decision: Decision, _ request: OriginalRequest) -> [Rule.Mismatch] {
        for candidate in readings(of: request) where candidate.steps == decision.reading {
            return rules.prefix(decision.index ?? rules.count).compactMap {
                $0.mismatch(request, candidate)
            }
        }
        return []
    }

    /// The name of a rule in the log and in `explain`, counted from 1, as in configuration errors.
    package static func name(_ index: Int) -> String { "rule \(index + 1)" }
}

/// An ending with which some frameworks let a client choose the format of a response: `(.:format)` in Rails
/// (<https://guides.rubyonrails.org/routing.html>), which matches anything but a dot and a slash, and the format suffixes of
/// Django REST Framework.
enum PathFormat {
    static let step = "without an ending such as .json"

    /// Nil for a path without an ending. A slash may follow the ending.
    static func removed(from path: [UInt8]) -> [UInt8]? {
        let name = path.last == UInt8(ascii: "/") ? path.dropLast() : path[...]
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot < name.endIndex - 1,
            !name[dot...].contains(UInt8(ascii: "/"))
        else { return nil }
        return Array(name[..<dot])
    }
}
