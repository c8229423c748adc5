import Foundation
import TestSupport
import Testing

/// Rows of the list of published attacks on gateways of this kind.
@Suite(.namesProxy) struct `Forged headers behind a proxy` {
    @Test func `RT-03 RT-05 RT-09 the app sees our identity headers and only ours`() async throws {
        try await ProxiedApp.behindEach { site in
            let browser = Browser(site)
            try await browser.signIn(as: Member.ben)
            for (number, forged) in Self.forgeries.enumerated() {
                let path = "/forged/\(number)"
                let answer = try await browser.ask(path, headers: forged)
                let seen = site.received(path)
                // nginx or the gateway may also refuse the request.
                guard answer.status == 200 else {
                    #expect((400...599).contains(answer.status) && seen.isEmpty, "\(forged)")
                    continue
                }
                let head = try #require(seen.first)
                #expect(!head.contains("root") && !head.contains("ADMIN"), "\(forged): \(head)")
                #expect(IdentityHeader.values("x-auth-request-user", in: head) == [Member.ben], "\(forged)")
                #expect(IdentityHeader.values("x-auth-request-groups", in: head) == ["USER"], "\(forged)")
                #expect(IdentityHeader.values("x-sso-role", in: head) == ["USER"], "\(forged)")
            }
        }
    }

    private static let forgeries: [[String]] = {
        let names = [
            "X-Auth-Request-User", "X_Auth_Request_User", "X.Auth.Request.User", "x-auth-request_user",
            "X-AUTH-REQUEST-USER", "X-Auth-Request-Email", "X-Auth-Request-Groups", "X-SSO-Role", "X_SSO_Role",
            "X.SSO.Role", "X-SSO-Assertion", "X-SSO-Integration", "X-SSO-Session", "Remote-User", "Remote_User",
            "Remote-Groups", "X-Forwarded-User", "X-Forwarded-Groups",
        ]
        let single = names.map { ["\($0): root, ADMIN"] }
        let doubled = ["X-Auth-Request-User", "X-SSO-Role"].map { ["\($0): root", "\($0): ADMIN"] }
        let connection = [
            ["Connection: X-SSO-Role"], ["Connection: close, X-Auth-Request-User"],
            ["Connection: keep-alive, X-SSO-Role", "X-SSO-Role: ADMIN"], ["Connection: Cookie"],
            ["Connection: X-Original-URI, X-Forwarded-Host"],
        ]
        return single + doubled + connection
    }()

    private static let claims = [
        "X-Original-URI: /public/", "X-Original-Method: OPTIONS", "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: gopher", "X-Forwarded-Uri: /public/", "X-Forwarded-Method: GET", "X-Original-URL: /public/",
        "X-Rewrite-URL: /public/", "X_Original_URI: /public/", "X.Original.URI: /public/", "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Prefix: /public", "Forwarded: host=evil.example;proto=gopher",
    ]
    @Test func `RT-01 what the client says about its own request does not matter`() async throws {
        try await ProxiedApp.behindEach { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            for forged in Self.claims {
                #expect(try await Browser(site).ask("/admin/users", headers: [forged]).status == 401, "\(forged)")
                #expect(try await ben.ask("/admin/users", headers: [forged]).status == 403, "\(forged)")
                #expect(try await ben.ask("/dashboard", headers: [forged]).status == 200, "\(forged)")
            }
            let seen = site.received("/dashboard")
            #expect(seen.count == Self.claims.count && site.received("/admin/users").isEmpty)
            for head in seen {
                #expect(
                    !head.contains("/public") && !head.contains("evil.example") && !head.contains("gopher"), "\(head)")
            }
        }
    }

    @Test func `RT-23 RT-27 an ambiguous path reaches no app`() async throws {
        try await ProxiedApp.behindEach { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            for path in [
                "//admin/users", "/public/..%2fadmin/users", "/public/%2e%2e/admin/users", "/public/../admin/users",
                "/public/..;/admin/users", "/public/%252e%252e/admin/users", "/public/.%2e/admin/users",
                "/public/..%5cadmin/users", "/admin%2fusers", "/admin/users%00", "/admin%23/users",
            ] {
                let answer = try await ben.ask(path, headers: Browser.navigation)
                #expect(answer.status >= 400, "\(path): \(answer.status)")
            }
            #expect(site.app.requests.isEmpty)
        }
    }

    @Test func `the decision addresses are out of reach`() async throws {
        try await ProxiedApp.behindEach { site in
            let headers = ["X-Original-Method: GET", "X-Original-URI: /public/", "X-Forwarded-Proto: http"]
            for path in [
                "/authz/nginx", "/authz/caddy", "/authz/haproxy", "/authz/envoy/public/", "/oauth2/auth",
                "/sso-decision",
            ] {
                let answer = try await Browser(site).ask(path, headers: headers)
                #expect([401, 404].contains(answer.status), "\(path): \(answer.status)")
                #expect(answer.header("x-sso-role") == nil)
            }
            #expect(site.app.requests.isEmpty)
        }
    }
}

/// Identity headers in a recorded request, under any spelling that a program might fold into one of ours.
enum IdentityHeader {
    static func names(in request: String) -> [String] {
        fields(request).map(\.name).filter { name in
            let folded = name.replacing("_", with: "-").replacing(".", with: "-")
            return [
                "x-auth-request-", "x-sso-", "remote-", "x-forwarded-user", "x-forwarded-email", "x-forwarded-groups",
            ]
            .contains { folded.hasPrefix($0) }
        }
    }

    /// The values under every such name.
    static func values(in request: String) -> [String] {
        let all = Set(names(in: request))
        return fields(request).filter { all.contains($0.name) }.map(\.value)
    }

    static func values(_ name: String, in request: String) -> [String] {
        fields(request).filter { $0.name.replacing("_", with: "-").replacing(".", with: "-") == name }.map(\.value)
    }

    private static func fields(_ request: String) -> [(name: String, value: String)] {
        let head = request.prefix(upTo: request.firstRange(of: "\r\n\r\n")?.lowerBound ?? request.endIndex)
        return head.split(separator: "\r\n").dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
    }
}
