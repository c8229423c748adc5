import HTTP
import Marketplace
import TestSupport
import Testing

@testable import Gateway

/// Random tables of rules and random paths: no answer is milder than any reading's.
@Suite struct RuleTablePropertyTests {
    private typealias Rule = RuleTable.Rule

    private static func request(_ target: String, method: String = "GET", host: String = "app.example.test") throws
        -> OriginalRequest
    {
        try OriginalRequest(method: method, host: host, target: target)
    }

    /// Every composition of what applications do to a path, in every order of decoding, without any short cut.
    private static func everyReading(_ target: String) -> Set<String> {
        let raw = String(target.prefix { $0 != "?" })
        func decoded(_ path: String, _ keepsSlash: Bool) -> String {
            String(
                decoding: PercentEncoding.decodeWherePossible(
                    Array(path.utf8), keeping: keepsSlash ? UInt8(ascii: "/") : nil), as: UTF8.self)
        }
        func segments(_ path: String, _ change: (Substring) -> Substring) -> String {
            path.split(separator: "/", omittingEmptySubsequences: false).map { String(change($0)) }.joined(
                separator: "/")
        }
        var paths: Set<String> = [raw]
        // What is taken out before anything is decoded, and what a proxy has decoded before.
        paths.formUnion([decoded(raw, false), decoded(decoded(raw, false), false)].filter { $0.hasPrefix("//") })
        for _ in 0..<2 {
            paths.formUnion(
                paths.filter { $0.hasPrefix("//") }.map { path in
                    let rest = path.drop { $0 == "/" }.drop { $0 != "/" }
                    return rest.isEmpty ? "/" : String(rest)
                })
            paths.formUnion(paths.map { path in segments(path) { $0.prefix { $0 != ";" } } })
        }
        for start in paths {
            for keepsSlash in [true, false] {
                let once = decoded(start, keepsSlash)
                paths.formUnion([once, decoded(once, keepsSlash), decoded(once, false)])
            }
        }
        let changes: [(String) -> String] = [
            { String($0.prefix { $0 != " " && $0 != "?" }) }, { segments($0) { $0.prefix { $0 != ";" } } },
            {
                segments($0) { segment in
                    var kept = segment
                    while kept.last == "." || kept.last == " " { kept.removeLast() }
                    return kept
                }
            },
            { path in
                var merged = path
                while merged.contains("//") { merged = merged.replacing("//", with: "/") }
                return merged
            },
            { $0.lowercased() },
        ]
        for change in changes { paths.formUnion(paths.map(change)) }
        return paths
    }

    @Test func `RT-109: a request is allowed only if every reading is allowed, and no stricter than the strictest`()
        throws
    {
        var generator = SplitMix(state: 109)
        let words = ["admin", "pub", "a", "Users", "v1"]
        var (strict, loose) = (0, 0)
        for _ in 0..<300 {
            let rules = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                let count = Int.random(in: 1...3, using: &generator)
                let path = (0..<count).map { _ in "/" + (words.randomElement(using: &generator) ?? "a") }.joined()
                let verdicts: [Rule.Verdict] = [.anyone, .roles([.admin]), .roles([.user, .admin])]
                return Rule(
                    host: nil, path: path, methods: nil, verdict: verdicts.randomElement(using: &generator) ?? .anyone)
            }
            let table = RuleTable(rules, default: Bool.random(using: &generator) ? .deny : .anyMember)
            for _ in 0..<60 {
                let target = TargetGenerator.target(words: words, using: &generator)
                guard let request = try? Self.request(target) else { continue }
                for role in [nil, .user, .admin] as [MemberRole?] {
                    // Each reading by itself, in its own letters and in small ones.
                    let single = Self.everyReading(target).map { path -> RuleTable.Permission in
                        let isFolded = path != String(target.prefix { $0 != "?" }) && path == path.lowercased()
                        let matched = rules.first { rule in
                            let own = rule.path ?? ""
                            return Self.covers(own, path) || isFolded && Self.covers(own.lowercased(), path)
                        }
                        switch matched?.verdict {
                        case .anyone: return .allow
                        case .roles(let roles): return role.map { roles.contains($0) ? .allow : .forbid } ?? .signIn
                        case nil: return role == nil ? .signIn : table.default == .deny ? .forbid : .allow
                        }
                    }
                    let strictest = single.max() ?? .allow
                    let decision = table.decide(request, role: role)
                    #expect(
                        decision.permission >= strictest, "\(target) for \(rules.map { $0.path ?? "" }): \(decision)")
                    if decision.permission > strictest { strict += 1 } else { loose += 1 }
                }
            }
        }
        #expect(loose > 10_000 && strict < loose / 100, "\(strict) of \(loose)")
    }

    private static func covers(_ rule: String, _ path: String) -> Bool {
        path == rule || path.hasPrefix(rule + "/")
    }

    /// What the most helpful server makes of a path: decodes as long as something is encoded, turns backslashes, drops
    /// fragments and parameters, merges slashes and resolves dots. Written for this test alone.
    private static func mostHelpful(_ target: String) -> String {
        var path = String(target.prefix { $0 != "?" })
        for _ in 0..<8 {
            guard let decoded = try? PercentEncoding.decode(Array(path.utf8)) else { break }
            path = String(decoding: decoded, as: UTF8.self)
        }
        path = String(path.prefix { !"# ?\u{0}".contains($0) }).replacing("\\", with: "/")
        var kept: [Substring] = []
        for segment in path.split(separator: "/") {
            let name = segment.prefix { $0 != ";" }
            if name == ".." { _ = kept.popLast() } else if name != ".", !name.isEmpty { kept.append(name) }
        }
        return "/" + kept.joined(separator: "/") + (path.hasSuffix("/") && !kept.isEmpty ? "/" : "")
    }

    @Test func `RT-28 a decision is at least as strict as that of the canonical request`() throws {
        var generator = SplitMix(state: 28)
        let words = ["admin", "public", "a", "b", "users", "v1"]
        var decided = 0
        for _ in 0..<400 {
            let rules = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                let path =
                    "/"
                    + (0..<Int.random(in: 1...2, using: &generator)).map { _ in
                        words.randomElement(using: &generator) ?? "a"
                    }.joined(separator: "/")
                let verdict: Rule.Verdict = Bool.random(using: &generator) ? .anyone : .roles([.admin])
                let host = Int.random(in: 0..<4, using: &generator) == 0 ? "app.example.test" : nil
                return Rule(host: host, path: path, methods: nil, verdict: verdict)
            }
            let table = RuleTable(rules)
            for _ in 0..<50 {
                let target = TargetGenerator.target(words: words, using: &generator)
                let host =
                    ["app.example.test", "APP.example.TEST", "app.example.test.:443", "other.test"]
                    .randomElement(using: &generator) ?? ""
                guard let request = try? Self.request(target, host: host) else { continue }
                let decision = table.decide(request, role: .user)
                decided += 1
                let segments = Self.mostHelpful(target).split(separator: "/", omittingEmptySubsequences: false)
                let path = segments.map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
                let canonical = try Self.request(path, host: OriginalRequest.canonical(host) ?? "")
                let other = table.decide(canonical, role: .user)
                #expect(decision.permission >= other.permission, "\(target) on \(host)")
            }
        }
        #expect(decided > 2000)
    }
}
