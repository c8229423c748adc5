import HTTP
import Marketplace
import TestSupport
import Testing

@testable import Gateway

@Suite struct RuleTableTests {
    private typealias Rule = RuleTable.Rule

    private static func rule(_ host: String? = nil, _ path: String? = nil, _ methods: Set<String>? = nil) -> Rule {
        Rule(host: host, path: path, methods: methods, verdict: .anyone)
    }

    @Test(
        arguments: [
            ([], rule(nil, "/a"), false),
            ([rule()], rule("x.test", "/a", ["GET"]), true), ([rule(nil, "/")], rule(nil, "/a"), true),
            ([rule(nil, "/")], rule(), true),
            ([rule(nil, "/a")], rule(nil, "/a/"), true), ([rule(nil, "/a/")], rule(nil, "/a/b"), true),
            ([rule(nil, "/a")], rule(nil, "/ab"), false), ([rule(nil, "/a/b")], rule(nil, "/a"), false),
            ([rule(nil, "/a")], rule(), false),
            ([rule("x.test")], rule("x.test", "/a"), true), ([rule("x.test")], rule("y.test"), false),
            ([rule("x.test")], rule(nil, "/a"), false), ([rule(nil, "/a")], rule("x.test", "/a"), true),
            ([rule(nil, "/a", ["GET"])], rule(nil, "/a"), false),
            ([rule(nil, "/a", ["GET"])], rule(nil, "/a", ["GET"]), true),
            ([rule(nil, "/a", ["GET"])], rule(nil, "/a", ["GET", "POST"]), false),
            ([rule(nil, "/a", ["GET"]), rule(nil, nil, ["POST"])], rule(nil, "/a/b", ["GET", "POST"]), true),
            ([rule(nil, "/a", ["GET"]), rule("x.test", "/a", ["POST"])], rule(nil, "/a", ["GET", "POST"]), false),
        ] as [([RuleTable.Rule], RuleTable.Rule, Bool)])
    func `knows a row that no request can reach`(earlier: [RuleTable.Rule], row: RuleTable.Rule, isUnreachable: Bool) {
        #expect(row.isUnreachable(behind: earlier) == isUnreachable)
    }

    private static func request(_ target: String, method: String = "GET", host: String = "app.example.test") throws
        -> OriginalRequest
    {
        try OriginalRequest(method: method, host: host, target: target)
    }

    @Test func `the first row that matches decides`() throws {
        let table = RuleTable([
            Rule(host: "api.test", path: "/v1/", methods: ["POST", "PUT"], verdict: .roles([.admin])),
            Rule(host: nil, path: "/v1/open", methods: nil, verdict: .anyone),
            Rule(host: nil, path: "/v1", methods: nil, verdict: .roles([.admin, .user])),
        ])
        let rows: [(String, String, String, String)] = [
            ("POST", "api.test", "/v1/open", "rule 1"), ("GET", "api.test", "/v1/open", "rule 2"),
            ("POST", "app.test", "/v1/open/x", "rule 2"), ("POST", "app.test", "/v1/opened", "rule 3"),
            ("GET", "app.test", "/v1", "rule 3"), ("GET", "app.test", "/v2", "default"),
            ("PUT", "api.test", "/v1", "rule 1"),
        ]
        for (method, host, target, name) in rows {
            #expect(try table.decide(Self.request(target, method: method, host: host), role: .user).rule == name)
        }
    }

    @Test func `refuses what is read otherwise only where another row would decide`() throws {
        let table = RuleTable([Rule(host: nil, path: "/admin/", methods: nil, verdict: .roles([.admin]))])
        for target in [
            "/admin;x/users", "/admin;/users", "/admin;a=b", "/admin%3bx/users", "/admin%20", "/admin%20HTTP/1.1",
            "/admin%3f/x",
        ] {
            #expect(throws: OriginalRequest.Refusal.otherReading) {
                try table.decide(Self.request(target), role: .user)
            }
        }
        #expect(try table.decide(Self.request("/admin/users;v=1"), role: .user).permission == .forbid)
        #expect(try table.decide(Self.request("/my%20files/what%3f"), role: .user).permission == .pass)
        #expect(try table.decide(Self.request("/cars;color=red/1"), role: .user).permission == .pass)
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

    @Test func `RT-28 a decision is that of the canonical request, or a refusal`() throws {
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
                guard let request = try? Self.request(target, host: host),
                    let decision = try? table.decide(request, role: .user)
                else { continue }
                decided += 1
                let segments = Self.mostHelpful(target).split(separator: "/", omittingEmptySubsequences: false)
                let path = segments.map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
                let canonical = try Self.request(path, host: OriginalRequest.canonical(host) ?? "")
                let other = try table.decide(canonical, role: .user)
                #expect(decision.rule == other.rule && decision.permission == other.permission, "\(target) on \(host)")
            }
        }
        #expect(decided > 2000)
    }
}
