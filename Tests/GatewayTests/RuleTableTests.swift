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
        var coverage = RuleCoverage()
        for rule in earlier { coverage.insert(rule) }
        #expect(coverage.covers(row) == isUnreachable)
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

    @Test(
        arguments: [
            ("/ADMIN/x", "in lower case"), ("/%41dmin", "decoded once, in lower case"),
            ("/adm%C4%B0n/x", "decoded once, in lower case"),
            ("/admin;x/users", "without ;… parameters"), ("/admin;a=b", "without ;… parameters"),
            ("//admin/x", "// as one slash"), ("/admin%2fx", "decoded once, %2f as a slash"),
            ("/admin./x", "without a dot or blank at the end of a segment"), ("/%61dmin/x", "decoded once"),
            ("/%2561dmin/x", "decoded once, decoded twice"),
            ("/admin%3f/x", "decoded once, up to a blank or question mark"),
            ("/admin%20HTTP/1.1", "decoded once, up to a blank or question mark"),
        ])
    func `RT-109: the strictest reading decides, and is named`(target: String, reading: String) throws {
        let table = RuleTable([Rule(host: nil, path: "/admin/", methods: nil, verdict: .roles([.admin]))])
        let decision = try table.decide(Self.request(target), role: .user)
        #expect(decision.permission == .forbid && decision.rule == "rule 1")
        #expect(Set(reading.split(separator: ", ").map(String.init)).isSubset(of: Set(decision.reading)), "\(decision)")
        #expect(try table.decide(Self.request(target), role: .admin).permission == .allow)
    }

    @Test(
        arguments: [
            "/admin/users;v=1", "/my%20files/what%3f", "/cars;color=red/1", "/npm/@scope%2fname", "/a//b",
            "/Reports/Q1",
            "/group%2Fproject/-/tree/main", "/100%25", "/files/a%2520b",
        ])
    func `RT-109: a path whose readings match the same rule is allowed`(target: String) throws {
        let table = RuleTable([Rule(host: nil, path: "/secret/", methods: nil, verdict: .roles([.admin]))])
        #expect(try table.decide(Self.request(target), role: .user).permission == .allow)
        #expect(try table.decide(Self.request(target), role: nil).permission == .signIn)
    }

    @Test func `RT-109: what anyone may see needs no sign-in only where every reading says so`() throws {
        let table = RuleTable([
            Rule(host: nil, path: "/assets/", methods: nil, verdict: .anyone),
            Rule(host: nil, path: "/Help/", methods: nil, verdict: .anyone),
        ])
        for target in ["/assets/a%20b.png", "/assets/x;v=1", "/assets//x", "/assets/X", "/Help/x", "/help/x"] {
            let decision = try table.decide(Self.request(target), role: nil)
            #expect((decision.permission == .allow) == (target != "/help/x"), "\(target)")
        }
        for target in ["/%61ssets/x", "/ASSETS/x", "//assets/x", "/assets;v/x", "/assets%2fx", "/assets./x"] {
            let decision = try table.decide(Self.request(target), role: nil)
            #expect(decision.permission == .signIn && decision.needsSession, "\(target)")
        }
    }

    @Test func `RT-137: an ending by which frameworks choose the form of an answer opens nothing`() throws {
        let table = RuleTable([
            Rule(host: nil, path: "/admin.css", methods: nil, verdict: .anyone),
            Rule(host: nil, path: "/admin/", methods: nil, verdict: .roles([.admin])),
            Rule(host: nil, path: "/reports/all", methods: nil, verdict: .roles([.user, .admin])),
            Rule(host: nil, path: "/reports/", methods: nil, verdict: .roles([.admin])),
            Rule(host: nil, path: nil, methods: nil, verdict: .anyone),
        ])
        func user(_ target: String) throws -> RuleTable.Decision { try table.decide(Self.request(target), role: .user) }
        for target in [
            "/admin.json", "/admin.json/", "/adm%69n.json", "/ADMIN.JSON", "/admin%2Ejson", "/reports.xml",
            "/admin.j-n", "/admin.%C3%A9",
        ] {
            #expect(
                try user(target).permission == .forbid && user(target).reading.contains(PathFormat.step), "\(target)")
            #expect(try table.decide(Self.request(target), role: nil).permission == .signIn)
        }
        // An ending makes no answer milder than it was.
        #expect(try user("/reports/all.json").permission == .forbid)
        for target in ["/admin.css", "/x.json", "/admins.json", "/admin-1.json", "/robots.txt"] {
            #expect(try user(target).permission == .allow, "\(target)")
        }
    }

    @Test func `RT-122: a method that an application may not know is decided as GET and POST as well`() throws {
        let table = RuleTable([
            Rule(host: nil, path: "/reports/", methods: ["GET", "HEAD"], verdict: .roles([.admin])),
            Rule(host: nil, path: "/forms/", methods: ["POST"], verdict: .roles([.admin])),
            Rule(host: nil, path: "/dav/", methods: ["PROPFIND"], verdict: .anyone),
        ])
        for method in ["FOO", "TRACE", "REPORT"] {
            for path in ["/reports/x", "/forms/x"] {
                let decision = try table.decide(Self.request(path, method: method), role: .user)
                #expect(decision.permission == .forbid, "\(method) \(path)")
            }
        }
        // A rule names the method, so the application knows it.
        #expect(try table.decide(Self.request("/dav/x", method: "PROPFIND"), role: nil).permission == .allow)
        #expect(try table.decide(Self.request("/reports/x", method: "POST"), role: .user).permission == .allow)
    }

    @Test func `RT-122: a method is also decided as the one that the app may see`() throws {
        let table = RuleTable([
            Rule(host: nil, path: "/reports/", methods: ["GET"], verdict: .roles([.admin])),
            Rule(host: nil, path: "/tunnel/", methods: ["CONNECT"], verdict: .roles([.admin])),
        ])
        for method in ["GET", "HEAD", "CONNECT"] {
            let decision = try table.decide(Self.request("/reports/x", method: method), role: .user)
            #expect(decision.permission == .forbid)
            #expect(decision.reading == (method == "GET" ? [] : ["as GET"]))
        }
        #expect(try table.decide(Self.request("/tunnel/x", method: "CONNECT"), role: .user).permission == .forbid)
        #expect(try table.decide(Self.request("/tunnel/x", method: "GET"), role: .user).permission == .allow)
        #expect(try table.decide(Self.request("/reports/x", method: "POST"), role: .user).permission == .allow)
    }

    @Test func `the app's name is what the rule for the path as it is says`() throws {
        let table = RuleTable([
            Rule(host: nil, path: "/one/", methods: nil, verdict: .roles([.user]), app: "one"),
            Rule(host: nil, path: "/two/", methods: nil, verdict: .roles([.user]), app: "two"),
        ])
        func app(_ target: String) throws -> String? {
            try table.decide(Self.request(target), role: .user).app.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(try app("/one/x") == "one")
        #expect(try app("/one/x;y//z%20") == "one")
        #expect(try app("//one/x") == nil && app("/ONE/x") == nil)
    }
}
