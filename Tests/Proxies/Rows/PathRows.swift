import TestSupport

extension Row {
    static let paths = [
        Row("RT-109 95 paths: what is served was decided") { visit in
            let responses = try await visit.send(targets.map { .init(path: $0) }, patience: 20)
            var served = 0
            for (target, response) in zip(targets, responses) {
                guard let received = Visit.received(response) else {
                    guard response.status == 0 || response.status >= 300 else {
                        return Cell("\(target): \(response.status)", false)
                    }
                    continue
                }
                served += 1
                // Both as it was sent and as it arrived.
                for path in [target, received.path] {
                    let status = try await directDecision(path, visit)
                    guard status == 200 else { return Cell("\(target) -> \(received.path): \(status)", false) }
                }
            }
            return Cell("\(served) served", served >= 30)
        },
        Row("bytes that are not UTF-8 in a path") { visit in
            let paths = [
                "/ad\u{ff}min/users", "/public/.\u{ff}./admin/users", "/public/\u{e9}",
                "/public/\u{c0}\u{ae}\u{c0}\u{ae}/x",
            ]
            let responses = try await visit.send(paths.map { .init(path: $0) })
            let refusal = responses[0].status
            return Cell(refusal == 0 ? "reset" : "\(refusal)", responses.allSatisfy { isRefusal($0.status) })
        },
        Row("a blank in a target", [.http2, .http3]) { visit in
            let targets = ["/public/a b", "/public/a?b c HTTP/1.1", "/public/a?b "]
            let responses = try await visit.send(targets.map { .init(path: $0) })
            let refusal = responses[1].status
            let holds = responses.allSatisfy { response in
                isRefusal(response.status) || Visit.received(response).map { !$0.path.contains(" ") } ?? false
            }
            return Cell(refusal == 0 ? "reset" : "\(refusal)", holds)
        },
        Row("paths beside the gateway's own are the app's") { visit in
            let paths = ["/sso", "/ssox", "/v1/installations", "/.well-known/jwks.jsonx", "/hooks/market/x", "/hooks"]
            let responses = try await visit.send(paths.map { .init(path: $0) })
            let statuses = responses.map(\.status)
            let areTheApps = zip(paths, responses).allSatisfy { Visit.received($1)?.path == $0 }
            return Cell(areTheApps ? "200" : "\(statuses)", areTheApps)
        },
        Row("a query comes unchanged") { visit in
            let queries = [
                "b=c&d=%2F%5c%00%0A+x;y?z", "q=a+b%20c&e=&&=", "%C3%A9=%ff", "rd=https://evil.test/&url=//evil.test",
                "%zz=%", "a=/../b//c",
            ]
            let responses = try await visit.send(queries.map { .init(path: "/dashboard?\($0)") })
            var said = "unchanged"
            for (query, response) in zip(queries, responses) where !isRefusal(response.status) {
                switch Visit.received(response)?.path {
                case "/dashboard?\(query)": break
                // Traefik's Go programs do not agree on what a semicolon is.
                case "/dashboard?\(query.replacing(";", with: "%3B"))": said = "`;` becomes `%3B`"
                case let other: return Cell("\(query) -> \(other ?? "\(response.status)")", false)
                }
            }
            return Cell(said, true)
        },
    ]

    /// 95 targets that programs read in different ways.
    static let targets: [String] = {
        let plain = [
            "/", "/dashboard", "/dashboard/", "/a/b/c.json", "/a%20b", "/%C3%A9t%C3%A9", "/a+b", "/a,b", "/a;v=1",
            "/a:b@c", "/~ben",
            "/a=b", "/a!b", "/a$b", "/a'b", "/a(b)", "/a*b", "/a.b.", "/a..b", "/...", "/%7Eben", "/%61bc", "/a%2Fb",
            "/npm/@scope%2fname", "/a//b", "//a", "/a///", "/a%2f%2fb", "/a?b", "/a??b", "/a?b#c", "/a%3Fb", "/a%23b",
            "/a%25b", "/a%252fb",
        ]
        let admins = [
            "/admin", "/admin/", "/admin/x", "/ADMIN/x", "/Admin", "/%61dmin/x", "/%2561dmin/x", "/admin%2fx",
            "/admin%2Fx", "/admin%252fx",
            "//admin/x", "///admin/x", "/;/admin/x", "/admin;x/y", "/admin;/x", "/;x=y/admin/x", "/admin/;x", "/admin.",
            "/admin./x", "/admin%20/x",
            "/admin%00", "/admin%0a", "/admin%09/x", "/admin\\x", "/admin%5cx", "/\\admin/x", "/%5cadmin/x", "/admin?x",
            "/admin%3fx", "/admin#x", "/admin%23x",
            "/admin.json", "/admin.json/x", "/./admin/x", "/a/../admin/x", "/a/%2e%2e/admin/x", "/a/.%2e/admin/x",
            "/a/..%2fadmin/x", "/a/..;/admin/x",
            "/a/..;x/admin/x", "/%2e/admin/x", "/public/../admin/x", "/public/..%2fadmin/x",
            "/public/%252e%252e/admin/x", "/public/..%5cadmin/x",
            "/public/..\\admin\\x", "/public//../admin/x", "/public/%2e%2e%2fadmin/x", "/public/..%00/admin/x",
            "/public/%c0%ae%c0%ae/admin/x",
            "/public;/../admin/x", "/public/x", "/PUBLIC/x", "/public/a%2fb", "/public/..", "/public/.",
            "/public/%2e%2e", "/audit/1", "/Audit/1", "/x/../audit/1",
        ]
        return plain + admins
    }()

    /// The gateway's own answer about a target, with no proxy between.
    private static func directDecision(_ target: String, _ visit: Visit) async throws -> Int {
        try await onThread {
            let connection = try RawConnection(port: visit.site.gatewayPort)
            connection.send(
                "GET /authz/nginx HTTP/1.1\r\nHost: x\r\nX-Original-Method: GET\r\nX-Original-URI: \(target)\r\n"
                    + "X-Forwarded-Host: \(visit.authority)\r\nX-Forwarded-Proto: https\r\nCookie: \(visit.cookie)\r\n\r\n"
            )
            return connection.receiveResponse()?.status ?? 0
        }
    }
}
