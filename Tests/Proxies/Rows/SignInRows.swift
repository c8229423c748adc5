extension Row {
    static let signIn = [
        Row("a browser without session is sent to sign in") { visit in
            let response = try await visit.send(
                .init(path: "/reports?year=1843", fields: Visit.navigation, isSignedIn: false))
            let address = "/sso/start?integration=demo&rd=%2Freports%3Fyear%3D1843"
            let location = response.values("location")
            return Cell(
                response.status,
                response.status == 302 && (location == [address] || location == [visit.site.url + address]))
        },
        Row("a program, a form or OPTIONS without session gets 401 as JSON") { visit in
            let asks = [
                Visit.Ask(
                    path: "/api", fields: [["accept", "text/html"], ["sec-fetch-mode", "cors"]], isSignedIn: false),
                .init(method: "POST", path: "/f", fields: Visit.navigation, body: "a=b", isSignedIn: false),
                .init(method: "OPTIONS", path: "/f", fields: Visit.navigation, isSignedIn: false),
            ]
            let responses = try await visit.send(asks)
            let holds = responses.allSatisfy {
                $0.status == 401 && $0.values("location").isEmpty && $0.body.contains(#""code":"not_signed_in""#)
            }
            return Cell(holds ? "401" : "\(responses.map(\.status))", holds)
        },
        Row("a rule forbids: path, role and method") { visit in
            let forbidden = [
                Visit.Ask(path: "/admin/users"), .init(path: "/admin", fields: Visit.navigation),
                .init(path: "/%61dmin/users"), .init(path: "/audit/1"), .init(method: "HEAD", path: "/audit/1"),
            ]
            let responses = try await visit.send(forbidden + [.init(method: "POST", path: "/audit/1", body: "")])
            let holds =
                responses.dropLast().allSatisfy { $0.status == 403 } && Visit.received(responses[5])?.method == "POST"
            return Cell(holds ? "403" : "\(responses.map(\.status))", holds)
        },
        Row("RT-107 an answer with a renewed session is private", [.http1]) { visit in
            let first = try await visit.send(.init(path: "/cached"))
            guard first.values("cache-control") == ["public, max-age=60"], first.values("set-cookie").count == 1 else {
                return Cell("\(first.values("cache-control"))", false)
            }
            // A third of the idle time.
            try await Task.sleep(for: .seconds(21))
            let renewed = try await visit.send(.init(path: "/cached"))
            let open = try await visit.send(.init(path: "/public/cached"))
            let cookies = renewed.values("set-cookie")
            let isOurs =
                cookies.contains { $0.hasPrefix(visit.site.sessionCookie + "=") }
                && cookies.contains { $0.hasPrefix("app=1") }
            let isPrivate = renewed.values("cache-control").joined(separator: ", ").contains("private, no-store")
            return Cell(
                isPrivate ? "private" : "as the app said",
                isOurs && isPrivate && !open.values("set-cookie").contains { $0.hasPrefix(visit.site.sessionCookie) })
        },
    ]
}
