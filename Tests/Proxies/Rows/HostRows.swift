extension Row {
    static let hosts = [
        Row("RT-99 another host of the configuration is a site of its own") { visit in
            let port = visit.site.port
            let requests = ["status.localhost:\(port)", "STATUS.localhost:\(port)", "localhost:\(port)"].map {
                Visit.Ask(path: "/dashboard", authority: $0, isSignedIn: false)
            }
            let responses = try await visit.send(requests)
            let hosts = responses.prefix(2).map { Visit.received($0)?.values("host") ?? [] }
            let holds = hosts.allSatisfy { $0 == ["status.localhost:\(port)"] } && responses[2].status == 401
            return Cell(holds ? "200" : "\(responses.map(\.status)) \(hosts)", holds)
        },
        Row("RT-99 an unknown host") { visit in
            let names = ["evil.example", "localhost.evil.example", "xlocalhost", "127.0.0.1", "app@localhost"]
            let requests =
                names.map { Visit.Ask(path: "/public/", authority: $0) }
                + names.map { Visit.Ask(path: "/dashboard", authority: "\($0):\(visit.site.port)") }
            let responses = try await visit.send(requests)
            let refusal = responses[0].status
            return Cell(
                refusal == 0 ? "reset" : "\(refusal)", responses.allSatisfy { $0.status == 0 || $0.status >= 400 })
        },
        Row("a port or letter case of the client's does not reach the app") { visit in
            let requests = ["localhost:1", "LOCALHOST", "localhost"].map {
                Visit.Ask(path: "/dashboard", authority: $0)
            }
            let responses = try await visit.send(requests)
            let hosts = responses.compactMap { Visit.received($0) }.flatMap {
                $0.values("host") + $0.values("x-forwarded-host")
            }
            let holds = !hosts.isEmpty && hosts.allSatisfy { $0 == visit.authority }
            return Cell(holds ? "constant" : "\(responses.map(\.status)) \(hosts)", holds)
        },
        Row("RT-118 no host", [.http1]) { visit in
            var statuses: [Int] = []
            for head in [
                "GET /public/ HTTP/1.0\r\n\r\n", "GET /public/ HTTP/1.1\r\n\r\n",
                "GET /public/ HTTP/1.1\r\nHost:\r\n\r\n",
            ] {
                statuses.append(try await visit.send(raw: head).status)
            }
            return Cell(statuses[0], statuses.allSatisfy { $0 >= 400 })
        },
        Row("HTTP/1.0 with a host", [.http1]) { visit in
            let response = try await visit.send(
                raw: "GET /dashboard HTTP/1.0\r\nHost: \(visit.authority)\r\nCookie: \(visit.cookie)\r\n\r\n")
            return Cell(response.status, Visit.received(response).map(isBensAlone) ?? (response.status >= 400))
        },
        Row("two hosts", [.http1]) { visit in
            var holds = true
            var statuses: [Int] = []
            for (first, second) in [
                ("localhost", "status.localhost"), ("status.localhost", "localhost"), ("localhost", "evil.example"),
            ] {
                let response = try await visit.send(
                    raw:
                        "GET /dashboard HTTP/1.1\r\nHost: \(first):\(visit.site.port)\r\nHost: \(second):\(visit.site.port)\r\n\r\n"
                )
                statuses.append(response.status)
                holds = holds && isRefusal(response.status)
            }
            return Cell(statuses[0], holds)
        },
        Row("an absolute target", [.http1]) { visit in
            func get(_ target: String, host: String) async throws -> RawClient.Response {
                try await visit.send(
                    raw:
                        "GET \(target) HTTP/1.1\r\nHost: \(host):\(visit.site.port)\r\nCookie: \(visit.cookie)\r\nConnection: close\r\n\r\n"
                )
            }
            let own = try await get("https://\(visit.authority)/dashboard?a=b", host: "localhost")
            let isOwn =
                Visit.received(own).map { isBensAlone($0) && $0.path == "/dashboard?a=b" } ?? (own.status == 400)
            // The decision is about one host, and the app serves another one.
            let mixed = try await get("https://status.localhost:\(visit.site.port)/admin/x", host: "localhost")
            let isMixedRight =
                Visit.received(mixed).map { $0.values("host") == ["status.localhost:\(visit.site.port)"] }
                ?? (mixed.status >= 400)
            let reversed = try await get("https://\(visit.authority)/admin/x", host: "status.localhost")
            let isReversedRight =
                Visit.received(reversed).map { $0.values("host") == ["status.localhost:\(visit.site.port)"] }
                ?? (reversed.status >= 400)
            let foreign = try await get("https://evil.example/public/", host: "localhost")
            let isForeignRight =
                Visit.received(foreign).map { $0.values("host") == [visit.authority] } ?? (foreign.status >= 400)
            return Cell(own.status, isOwn && isMixedRight && isReversedRight && isForeignRight)
        },
    ]
}
