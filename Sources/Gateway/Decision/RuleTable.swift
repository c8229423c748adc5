package import Marketplace

/// Who may pass where: the first rule that matches decides, and of several readings of a request the strictest.
package struct RuleTable: Sendable {
    /// What holds where no rule matches.
    package enum Default: String, Sendable, CaseIterable {
        case anyMember = "allow"
        case deny
    }

    /// What a rule means for one member, from the least to the most strict.
    package enum Permission: Int, Sendable, Comparable {
        case allow, signIn, forbid

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    package let rules: [Rule]
    package let `default`: Default
    /// As much of a path as any rule looks at, even where three bytes fold to one letter. In bytes.
    private let depth: Int
    private let hasCapitals: Bool
    /// Methods that an application tells apart, because they are usual or because a rule says so.
    private let namedMethods: Set<String>
    /// Of the rules that ask for a role.
    private let limitedPaths: Set<[UInt8]>

    package init(_ rules: [Rule] = [], default: Default = .anyMember) {
        self.rules = rules
        self.default = `default`
        let paths = rules.compactMap(\.path)
        // And whether a slash follows.
        depth = ((paths.map(\.utf8.count).max() ?? 0) + 1) * 3
        hasCapitals = paths.contains { $0.utf8.contains(where: LetterCase.isChanged) }
        namedMethods = rules.reduce(into: OriginalRequest.usualMethods) { $0.formUnion($1.methods ?? []) }
        let limited = rules.filter { $0.verdict != .anyone }.compactMap { $0.path.map { Array($0.utf8) } }
        limitedPaths = Set(limited + limited.map(LetterCase.folded))
    }

    /// What holds for a request, and which rule under which reading says so.
    package struct Decision: Sendable {
        /// Counted from 0; nil where no rule matched.
        package let index: Int?
        package let permission: Permission
        /// What was done to path and method to read them so; empty for the request as it is.
        package let reading: [String]
        /// What the assertion calls the app: what the rule for the request as it is says.
        var app: ArraySlice<UInt8>?
        /// False where every reading may be seen without signing in.
        var needsSession: Bool

        /// `rule 1`, …, or `default`.
        package var rule: String { index.map(RuleTable.name) ?? "default" }
    }

    /// The strictest answer of all readings. Nil for a role where nobody is signed in.
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
        /// Rails and Django REST Framework serve `/admin.json` as `/admin`. Rules for anyone do not look at it: they may
        /// name a file.
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

    /// Only where a rule names what is left: nearly every file has an ending.
    private func withoutFormat(_ reading: Reading) -> Reading? {
        guard let path = PathFormat.removed(from: reading.path), limitedPaths.contains(path) else { return nil }
        return Reading(
            method: reading.method, path: reading.path, isFolded: reading.isFolded,
            steps: reading.steps + [PathFormat.step], pathWithoutFormat: path)
    }

    /// The stricter of two, with what the first one says of the app. Of equally strict ones the first.
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

    /// Why the rows before the deciding one do not decide, under the deciding reading.
    func passedOver(_ decision: Decision, _ request: OriginalRequest) -> [Rule.Mismatch] {
        for candidate in readings(of: request) where candidate.steps == decision.reading {
            return rules.prefix(decision.index ?? rules.count).compactMap {
                $0.mismatch(request, candidate)
            }
        }
        return []
    }

    /// Of a row, as the log and `explain` call it; counted from 1, as configuration mistakes are.
    package static func name(_ index: Int) -> String { "rule \(index + 1)" }
}

/// An ending by which some frameworks let a client choose the form of an answer, whatever their routes say:
/// `(.:format)` in Rails (<https://guides.rubyonrails.org/routing.html>), which takes anything but a dot and a slash, and the
/// format suffixes of Django REST Framework.
enum PathFormat {
    static let step = "without an ending such as .json"

    /// Nil for a path that has none. A slash behind it may be there or not.
    static func removed(from path: [UInt8]) -> [UInt8]? {
        let name = path.last == UInt8(ascii: "/") ? path.dropLast() : path[...]
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot < name.endIndex - 1,
            !name[dot...].contains(UInt8(ascii: "/"))
        else { return nil }
        return Array(name[..<dot])
    }
}
