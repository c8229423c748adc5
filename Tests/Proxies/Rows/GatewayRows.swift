import Foundation
import Glibc
import TestSupport

extension Row {
    static let gateway = [
        Row("RT-106 RT-124 the gateway's own addresses") { visit in
            let requests = [
                Visit.Ask(path: "/sso/session", isSignedIn: false), .init(path: "/sso/session"),
                .init(path: "/.well-known/jwks.json"),
                .init(method: "POST", path: "/hooks/market", body: "{}", isSignedIn: false),
                .init(
                    method: "PUT", path: "/v1/installations/icfg_AcmeAnalyticalEngines001", body: "{}",
                    isSignedIn: false),
                .init(path: "/sso/start?integration=demo", isSignedIn: false),
            ]
            let responses = try await visit.send(requests)
            let statuses = responses.map(\.status)
            let areOurs =
                responses[1].body.contains(#""user_id""#) && responses[2].body.contains(#""keys""#)
                && responses[4].body.contains(#""error""#)
            let areRight = statuses == [401, 200, 200, 403, 400, 303]
            return Cell(areRight ? "answered" : "\(statuses)", areOurs && areRight)
        },
        Row("a webhook of 2 MiB is too large") { visit in
            let body = String(repeating: "engine\r\n", count: 262_144)
            let response = try await visit.send(.init(method: "POST", path: "/hooks/market", body: body), patience: 20)
            // A proxy that sends on what it receives may close the connection before the answer.
            return Cell("refused", isRefusal(response.status))
        },
        Row("the decision addresses are the app's") { visit in
            let fields = [
                ["x-original-method", "GET"], ["x-original-uri", "/public/"], ["x-forwarded-uri", "/public/"],
            ]
            let paths = [
                "/authz/nginx", "/authz/caddy", "/authz/haproxy", "/authz/traefik", "/authz/envoy/public/",
                "/oauth2/auth", "/sso-decision",
            ]
            let responses = try await visit.send(paths.map { .init(path: $0, fields: fields, isSignedIn: false) })
            let holds = responses.allSatisfy { [401, 404].contains($0.status) && $0.values("x-sso-decision").isEmpty }
            return Cell(responses[0].status, holds)
        },
        Row("the gateway stands still", [.http1]) { visit in
            kill(visit.site.gateway.id, SIGSTOP)
            defer { kill(visit.site.gateway.id, SIGCONT) }
            // It takes a moment until every thread stands still.
            try await Task.sleep(for: .milliseconds(200))
            let response = try await visit.send(.init(path: "/public/x", fields: Visit.navigation), patience: 35)
            return Cell(response.status, (500...599).contains(response.status))
        },
        Row("the gateway is gone", [.http1]) { visit in
            kill(visit.site.gateway.id, SIGKILL)
            try await Task.sleep(for: .milliseconds(200))
            let paths = ["/gone", "/public/gone", "/sso/session"]
            let statuses = try await visit.send(paths.map { .init(path: $0, fields: Visit.navigation) }).map(\.status)
            return Cell(statuses[0], statuses.allSatisfy { (500...599).contains($0) })
        },
    ]
}
