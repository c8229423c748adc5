import TestSupport

@testable import sso_gateway

extension Row {
    static let identity = [
        Row("RT-127 the identity is complete, and nothing forged reaches the app") { visit in
            // HAProxy takes a hundred fields and one.
            let halves = [plain.prefix(plain.count / 2), plain.dropFirst(plain.count / 2)]
            let requests = halves.map { names in
                Visit.Ask(
                    path: "/dashboard", fields: names.flatMap { [[$0, "forged"], [$0.lowercased(), "forged, too"]] })
            }
            let responses = try await visit.send(requests)
            let faults = responses.compactMap { response in
                Visit.received(response).map(fault) ?? "\(response.status) \(response.error ?? "")"
            }
            return Cell(faults.first ?? "complete", faults.isEmpty)
        },
        Row("names that programs fold are dropped or refused") { visit in
            let names = ["X-SSO-Role", "X-Auth-Request-User", "X-Forwarded-Host", "X-SSO-Decision"].flatMap { name in
                ProxySite.aliasCharacters.map { name.replacing("-", with: String($0)) } + ["X-SSO_Role", "x.sso-ROLE"]
            }
            let responses = try await visit.send(names.map { .init(path: "/dashboard", fields: [[$0, "forged"]]) })
            let refused = responses.count { isRefusal($0.status) }
            let holds = responses.allSatisfy { response in
                Visit.received(response).map(isBensAlone) ?? isRefusal(response.status)
            }
            return Cell(refused == 0 ? "dropped" : refused == names.count ? "refused" : "either", holds)
        },
        Row("`Connection` takes no header away", [.http1]) { visit in
            let lists = [
                "X-SSO-Role", "close, X-Auth-Request-User", "keep-alive, X-SSO-Assertion, X-Forwarded-Host", "Cookie",
                "X-Forwarded-Proto, X-Forwarded-For, Host", "X-SSO-Decision", "upgrade, X-SSO-Session",
            ]
            let responses = try await visit.send(
                lists.map { .init(path: "/dashboard", fields: [["Connection", $0], ["X-SSO-Role", "forged"]]) })
            let holds = responses.allSatisfy { response in
                guard let received = Visit.received(response) else { return isRefusal(response.status) }
                return isBensAlone(received)
                    && received.values("connection").allSatisfy { $0 == "close" || $0 == "keep-alive" }
            }
            return Cell(holds ? "none" : "\(responses.map(\.status))", holds)
        },
        Row("the app does not get the session's cookie, and every other one") { visit in
            let session = "\(visit.site.sessionCookie)="
            let shapes: [[String]] = [
                [visit.cookie], ["a=1; " + visit.cookie], [visit.cookie + "; a=1"], ["a=1; \(visit.cookie); b=2"],
                ["a=1;\(visit.cookie);b=2"], ["a=1", visit.cookie, "b=2"], ["a=1; b=\"2; c=3", visit.cookie],
                // What a neighbouring site can set.
                ["a=1; x\(session)2; \(visit.cookie)"], ["a=/go?q=\(session); \(visit.cookie)"],
                ["a=1;\t\(visit.cookie)"],
            ]
            let responses = try await visit.send(
                shapes.map { .init(path: "/dashboard", fields: $0.map { ["cookie", $0] }, isSignedIn: false) })
            var isRemoved = true
            for (shape, response) in zip(shapes, responses) {
                // The gateway refuses two fields where a proxy does not join them.
                if shape.count > 1, isRefusal(response.status) { continue }
                func cookies(_ text: String) -> [String] {
                    text.split(separator: ";").map { String($0.drop { " \t".contains($0) }) }
                }
                let seen = cookies(Visit.received(response)?.values("cookie").joined(separator: ";") ?? "nothing")
                let kept = seen.filter { !$0.hasPrefix(session) }
                if kept.count < seen.count { isRemoved = false }
                let expected = cookies(shape.joined(separator: ";")).filter { !$0.hasPrefix(session) }
                guard kept == expected else { return Cell("\(shape) -> \(seen)", false) }
            }
            return Cell(isRemoved ? "removed" : "stays", isRemoved != (visit.site.proxy == .traefik))
        },
        Row("cookies that take long to read") { visit in
            let texts = ["a=1;" + String(repeating: " ", count: 7000) + "x", String(repeating: ";", count: 7000)]
            let start = ContinuousClock.now
            let responses = try await visit.send(
                texts.map {
                    .init(path: "/dashboard", fields: [["cookie", visit.cookie + ";" + $0]], isSignedIn: false)
                }
                    + [.init(path: "/dashboard")])
            let isQuick = start.duration(to: .now) < .seconds(6)
            return Cell(responses[2].status, isQuick && responses[2].status == 200)
        },
        Row("a rule for anyone: the member's identity, or none") { visit in
            let requests = [true, false].map {
                Visit.Ask(path: "/public/a", fields: [["x-sso-role", "forged"]], isSignedIn: $0)
            }
            let responses = try await visit.send(requests)
            guard let member = Visit.received(responses[0]), let stranger = Visit.received(responses[1]) else {
                return Cell("\(responses.map(\.status))", false)
            }
            let isEmpty = names.allSatisfy { stranger.values($0).allSatisfy(\.isEmpty) }
            let setsNone = responses.allSatisfy { $0.values("set-cookie").isEmpty }
            return Cell(200, isBensAlone(member) && isEmpty && setsNone)
        },
        Row("cookies of 16 KiB beside the session") { visit in
            let cookies = (0..<8).map { "c\($0)=" + String(repeating: "x", count: 2044) }
            let response = try await visit.send(
                .init(
                    path: "/dashboard", fields: [["cookie", (cookies + [visit.cookie]).joined(separator: "; ")]],
                    isSignedIn: false))
            let received = Visit.received(response)?.values("cookie").joined(separator: "; ") ?? ""
            return Cell(response.status, response.status == 200 && cookies.allSatisfy(received.contains))
        },
        Row("long heads: the whole identity or a refusal", isLong: true) { visit in
            var passed = 0
            for size in stride(from: 4_000, through: 40_000, by: 1_500) {
                let fields = (0..<size / 500).map { ["x-long-\($0)", String(repeating: "a", count: 480)] }
                let response = try await visit.send(.init(path: "/dashboard", fields: fields))
                guard let received = Visit.received(response) else {
                    // Over HTTP/2 a proxy may close the connection instead.
                    if response.status != 0, response.status < 400 { return Cell("\(size): \(response.status)", false) }
                    continue
                }
                guard isBensAlone(received) else { return Cell("\(size): identity", false) }
                passed = size
            }
            return Cell("up to \(passed)", passed >= 10_000)
        },
    ]

    /// The identity headers of this configuration.
    static let names = [
        "x-auth-request-user", "x-auth-request-email", "x-auth-request-preferred-username", "x-auth-request-groups",
        "x-sso-integration", "x-sso-installation", "x-sso-account", "x-sso-role", "x-sso-role-age", "x-sso-session",
        "x-sso-assertion",
    ]

    /// What a client may not say, but for what a framing of HTTP forbids.
    private static let plain =
        names
        + [
            "Remote-User", "Remote-Groups", "Remote-Email", "X-Forwarded-User", "X-Forwarded-Groups", "X-SSO-Login",
            "X-SSO-Decision", "X-Remote-User", "X-Original-URI", "X-Original-Method", "X-Original-URL", "X-Rewrite-URL",
            "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
            "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Ssl", "X-Forwarded-Scheme",
            "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "CF-Connecting-Ip", "X-Cluster-Client-Ip", "Forwarded",
            "X-Host", "X-Original-Host", "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "Script-Name",
            "Path-Info", "X-Script-Name", "Proxy", "X-Envoy-Original-Path", "X-Envoy-External-Address",
            "X-Forwarded-Client-Cert",
        ]

    /// Each identity header once, with Ben's values, the site's own word on the request, and nothing forged.
    static func isBensAlone(_ received: Visit.Received) -> Bool { fault(received) == nil }

    /// What is wrong with it.
    static func fault(_ received: Visit.Received) -> String? {
        let expected = [
            "x-auth-request-user": Member.ben, "x-auth-request-groups": "USER", "x-sso-role": "USER",
            "x-sso-integration": "demo", "x-sso-installation": "icfg_AcmeAnalyticalEngines001",
            "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https",
        ]
        for name in names where received.values(name).count != 1 || received.values(name)[0].isEmpty {
            return "\(name): \(received.values(name))"
        }
        for (name, value) in expected where received.values(name) != [value] {
            return "\(name): \(received.values(name))"
        }
        if let forged = received.headers.first(where: { $0[1].contains("forged") }) { return "\(forged)" }
        return received.values("x-forwarded-host") == received.values("host") ? nil : "host: \(received.values("host"))"
    }
}
