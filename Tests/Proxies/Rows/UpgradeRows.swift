extension Row {
    static let upgrades = [
        Row("a real WebSocket", [.http1]) { visit in
            let spellings = ["websocket", "WebSocket", "WEBSOCKET"]
            for spelling in spellings {
                let response = try await visit.send(
                    raw: handshake(visit, ["Upgrade: \(spelling)", "Connection: keep-alive, Upgrade"]),
                    then: maskedHello, until: "hello")
                guard response.status == 101, response.body == hello else {
                    return Cell("\(spelling): \(response.status)", false)
                }
            }
            return Cell("echoes", true)
        },
        Row("a WebSocket without session", [.http1]) { visit in
            let response = try await visit.send(
                raw: handshake(visit, ["Upgrade: websocket", "Connection: Upgrade"], isSignedIn: false))
            return Cell(response.status, response.status == 401)
        },
        Row("RT-98 RT-123 no other form of `Upgrade` reaches the app", [.http1]) { visit in
            let responses = try await RawClient.send(
                forms.map { .init(raw: handshake(visit, $0), until: "}") }, to: visit.site, .http1, patience: 5)
            for (form, response) in zip(forms, responses) where response.status == 101 || !isPlain(response) {
                return Cell("\(form): \(response.status)", false)
            }
            return Cell("none", true)
        },
        Row("RT-122 an extended CONNECT opens no tunnel", [.http2, .http3]) { visit in
            let requests = ["/dashboard", "/audit/1"].map {
                Visit.Ask(
                    method: "CONNECT", path: $0,
                    fields: [["sec-websocket-version", "13"], ["sec-websocket-key", key]],
                    connects: "websocket")
            }
            let responses = try await visit.send(requests, patience: 4)
            let holds = responses.allSatisfy { !(200...299).contains($0.status) } && Visit.received(responses[1]) == nil
            return Cell(responses[0].status == 0 ? "reset" : "\(responses[0].status)", holds)
        },
        Row("`Upgrade` as a field of HTTP/2 and HTTP/3 reaches no app", [.http2, .http3]) { visit in
            let fields = [["upgrade", "websocket"], ["connection", "upgrade"], ["sec-websocket-version", "13"]]
            let responses = try await visit.send(
                [
                    .init(path: "/dashboard", fields: fields), .init(path: "/dashboard", fields: [["upgrade", "h2c"]]),
                ], patience: 4)
            return Cell(responses[0].status == 0 ? "reset" : "\(responses[0].status)", responses.allSatisfy(isPlain))
        },
    ]

    /// One frame with the text `hello`, and the client's under a mask of zeros (RFC 6455 section 5.2).
    static let hello = "\u{81}\u{05}hello"
    static let maskedHello = "\u{81}\u{85}\0\0\0\0hello"

    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    static let forms: [[String]] = [
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"],
        [
            "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "Upgrade: websocket",
            "HTTP2-Settings: AAMAAABkAAQAAP__",
        ],
        ["Connection: Upgrade", "Upgrade: websocket, h2c"], ["Connection: Upgrade", "Upgrade: h2c, websocket"],
        ["Connection: Upgrade", "Upgrade: foo/1"], ["Connection: Upgrade", "Upgrade: TLS/1.0"],
        ["Connection: Upgrade", "Upgrade: websocket;h2c"], ["Connection: Upgrade", "Upgrade: websocket/13"],
        ["Connection: Upgrade", "Upgrade: websocket, foo/1"], ["Connection: Upgrade", "Upgrade: xwebsocket"],
        ["Connection: Upgrade", "Upgrade: \"websocket\""], ["Connection: Upgrade", "Upgrade:"],
    ]

    static func handshake(_ visit: Visit, _ fields: [String], isSignedIn: Bool = true) -> String {
        let cookie = isSignedIn ? "Cookie: \(visit.cookie)\r\n" : ""
        return "GET /socket HTTP/1.1\r\nHost: \(visit.authority)\r\n\(fields.joined(separator: "\r\n"))\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(key)\r\n\(cookie)\r\n"
    }

    /// A refusal, or an ordinary answer of an app that saw no upgrade.
    private static func isPlain(_ response: RawClient.Response) -> Bool {
        guard let received = Visit.received(response) else { return response.status == 0 || response.status >= 400 }
        return received.values("upgrade").isEmpty && received.values("http2-settings").isEmpty
            && !received.values("connection").contains { $0.lowercased().contains("upgrade") }
    }
}
