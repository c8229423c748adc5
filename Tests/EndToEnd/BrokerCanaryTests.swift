import Foundation
import HTTP
import JOSE
import Locking
import Marketplace
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// The broker before a marketplace that is hostile, slow or broken.
@Suite struct BrokerCanaryTests {
    private static let token = BrokerWorld.installationToken

    private static func answer(_ head: String, _ body: String = "{}") -> @Sendable (Int) -> [ScriptedServer.Step] {
        let text =
            "HTTP/1.1 \(head)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        return { _ in [.awaitRequest, .send(text), .awaitClose] }
    }

    private static let escaped = token.utf8.map { "\\u00" + [$0].hexadecimal }.joined()
    /// One inside the other, and both side by side.
    private static let nested = "\\u0025" + token.utf8.map { [$0].hexadecimal }.joined(separator: "\\u0025")
    private static let mixed =
        escaped.prefix(6) + token.dropFirst().dropLast().description + "%" + [token.utf8.last!].hexadecimal
    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
    private static let percents = token.utf8.map { "%" + [$0].hexadecimal }.joined()

    @Test(arguments: [
        ("200 OK", #"{"id":"\#(token)"}"#, "token_in_answer"),
        ("401 Unauthorized", "Bearer \(token)", "token_in_answer"),
        ("400 Bad Request", "<p>\(token)\u{0}</p>", "token_in_answer"),
        ("500 Internal Server Error", #"{"id":"\#(escaped)"}"#, "token_in_answer"),
        ("200 OK", #"{"id":"\#(nested)"}"#, "token_in_answer"),
        ("200 OK", #"{"id":"\#(mixed)"}"#, "token_in_answer"),
        ("200 OK", "{}\u{0}", "content_coding"),
        ("404 Not Found", "/x?token=\(percents)", "token_in_answer"),
        ("200 OK\r\nX-Vercel-Id: \(token)", "{}", "token_in_answer"),
        ("200 OK\r\nX-Echo: Bearer \(token)", "{}", "token_in_answer"),
        ("200 OK", #"{"id":"\#(base64(token))"}"#, "token_in_answer"),
        ("200 OK", #"{"id":"\#(base64("Bearer \(token)"))"}"#, "token_in_answer"),
        ("200 OK", #"{"id":"\#(base64("x:\(token)?more"))"}"#, "token_in_answer"),
        (
            "200 OK", #"{"id":"\#(base64("??>>\(token)").replacing("/", with: "\\/").replacing("=", with: ""))"}"#,
            "token_in_answer"
        ),
        ("200 OK", "/x?token=\(base64(token).replacing("=", with: "%3D"))", "token_in_answer"),
        ("200 OK", #"{"id":"\#(Array(token.utf8).hexadecimal)"}"#, "token_in_answer"),
        ("200 OK", #"{"id":"\#(Array(token.utf8).hexadecimal.uppercased())"}"#, "token_in_answer"),
        ("200 OK\r\nX-Echo: \(base64(token))", "{}", "token_in_answer"),
        ("302 Found\r\nLocation: https://evil.test/?\(token)", "", "redirect"),
        ("307 Temporary Redirect\r\nLocation: /v1/other", "", "redirect"),
        ("300 Multiple Choices", #"{"id":"\#(token)"}"#, "redirect"),
        ("200 OK\r\nContent-Encoding: gzip", "x", "content_coding"),
    ])
    func `the token is in no answer and in no log line`(head: String, body: String, code: String) async throws {
        try await BrokerWorld.run(against: Self.answer(head, body)) { broker, hostile in
            let answer = try await broker.call(.post, "/billing/finalize")
            #expect(answer.status == 502 && answer.code == code && answer.isOwn, "\(answer.text)")
            let all = answer.text + answer.headers.fields.map { "\($0.name): \($0.value)" }.joined()
            #expect(!all.contains(Self.token) && !all.contains("evil.test"))
            #expect(!broker.world.log.all.joined().contains(Self.token))
            #expect(hostile.requests.count == 1)
            #expect(broker.auditLines[0].contains("status=502"))
        }
    }

    @Test func `nothing of the client's head goes out, and little of the marketplace's comes back`() async throws {
        let head = """
            403 Forbidden\r\nSet-Cookie: a=b\r\nLocation: /x\r\nServer: evil\r\nX-SSO-Broker: answered\r\n\
            Retry-After: 7\r\nX-RateLimit-Remaining: 0\r\nX-Vercel-Id: iad1::1\r\nAccess-Control-Allow-Origin: *
            """
        try await BrokerWorld.run(against: Self.answer(head)) { broker, hostile in
            let answer = try await broker.call(
                .post, "/billing/finalize",
                headers: [
                    "Cookie": "a=canary", "X-Forwarded-For": "canary", "Idempotency-Key": "canary", "X-Any": "canary",
                    "User-Agent": "canary", "Accept": "canary/x", "Forwarded": "for=canary",
                ])
            #expect(answer.status == 403 && !answer.isOwn && answer.text == "{}")
            let names = Set(answer.headers.fields.map { $0.name.lowercased() })
            #expect(
                names == [
                    "date", "content-length", "content-type", "retry-after", "x-ratelimit-remaining", "x-vercel-id",
                ])
            let request = try #require(hostile.requests.first)
            #expect(request.hasPrefix("POST \(BrokerWorld.below)/billing/finalize HTTP/1.1\r\n"))
            #expect(request.contains("Bearer \(Self.token)") && !request.contains("canary"))
        }
    }

    @Test func `an answer of 64 MB is cut off`() async throws {
        let part = [UInt8](repeating: UInt8(ascii: "a"), count: 1024 * 1024)
        let script: @Sendable (Int) -> [ScriptedServer.Step] = { _ in
            [.awaitRequest, .send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")]
                + (0..<64).map { _ in .send(part) }
        }
        try await BrokerWorld.run(against: script) { broker, _ in
            let answer = try await broker.call(.get, "/account")
            #expect(answer.status == 502 && answer.code == "answer_too_large", "\(answer.text)")
        }
    }

    @Test func `an answer of a whole mebibyte is passed on`() async throws {
        let body = String(repeating: "a", count: 1024 * 1024)
        try await BrokerWorld.run(against: Self.answer("200 OK", body)) { broker, _ in
            let answer = try await broker.call(.get, "/account")
            #expect(answer.status == 200 && answer.text == body)
        }
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", "garbage\r\n\r\n", ""])
    func `a broken answer is none`(text: String) async throws {
        try await BrokerWorld.run(against: { _ in [.awaitRequest, .send(text)] }) { broker, hostile in
            let answer = try await broker.call(.post, "/billing/finalize")
            #expect(answer.status == 502 && answer.code == "unreachable" && answer.isOwn, "\(answer.text)")
            #expect(answer.text.contains("may have taken effect"))
            #expect(hostile.requests.count == 1)
        }
    }

    @Test(arguments: [
        (HTTPMethod.get, "/account", "", 3), (.post, "/billing/finalize", "", 1),
        (.post, "/events", #"{"event":{"type":"installation.updated"}}"#, 1),
    ])
    func `only what may be repeated is sent again`(method: HTTPMethod, path: String, body: String, tries: Int)
        async throws
    {
        let text = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        try await BrokerWorld.run(against: { _ in [.awaitRequest, .send(text)] }) { broker, hostile in
            let answer = try await broker.call(method, path, body)
            #expect(answer.status == 500 && !answer.isOwn)
            #expect(hostile.requests.count == tries)
        }
    }

    @Test func `a slow marketplace for one installation holds up no other`() async throws {
        let answers: @Sendable (Int) -> [ScriptedServer.Step] = { _ in
            [
                .awaitRequest, .pause(.seconds(3)),
                .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"),
            ]
        }
        try await BrokerWorld.run(against: answers) { broker, slow in
            let statuses = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask { (try? await broker.call(.get, "/account"))?.status ?? 0 }
                }
                var all: [Int] = []
                for await status in group { all.append(status) }
                return all
            }
            #expect(
                statuses.filter { $0 == 503 }.count == 4 && statuses.filter { $0 == 200 }.count == 16, "\(statuses)")
            #expect(slow.requests.count == 16)
            // What was under way is given back.
            let later = try await broker.call(.get, "/account")
            #expect(later.status == 200)
        }
    }

    @Test func `a fast installation is answered beside a slow one`() async throws {
        let (one, two) = (BrokerWorld.installation, "icfg_Fast")
        let handled: @Sendable (Int) -> [ScriptedServer.Step] = { _ in
            [
                .reply { request in
                    if request.contains(one) { Thread.sleep(forTimeInterval: 5) }
                    return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
                }
            ]
        }
        let server = try ScriptedServer(handled)
        defer { server.stop() }
        try await BrokerWorld.run { plan in
            plan.apiURL = "http://127.0.0.1:\(server.port)"
            plan.tokens = .configured([one: SecretBytes("a-token"), two: SecretBytes("b-token")])
        } _: { broker in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 { group.addTask { try await broker.call(.get, "/account").status } }
                while server.requests.count < 16 { try await Task.sleep(for: .milliseconds(5)) }
                let clock = ContinuousClock()
                let began = clock.now
                let answer = try await broker.call(.get, "/v1/installations/\(two)/account", below: "")
                #expect(answer.status == 200 && clock.now - began < .milliseconds(4500))
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    @Test func `a marketplace that never answers is given up`() async throws {
        try await BrokerWorld.run(against: { _ in [.awaitRequest, .awaitClose] }) { broker, _ in
            let answer = try await broker.call(.get, "/account")
            #expect(answer.status == 504 && answer.code == "timed_out" && answer.isOwn)
        }
    }

    @Test func `faults of the marketplace's are passed on as they are`() async throws {
        try await BrokerWorld.run { broker in
            for (fault, status) in [
                (StandInFault.api401, 401), (.api403, 403), (.api409, 409), (.api410, 410), (.api429, 429),
            ] {
                broker.world.standIn.fail(fault)
                let answer = try await broker.call(.post, "/billing/finalize")
                #expect(answer.status == status && !answer.isOwn, "\(fault): \(answer.text)")
            }
        }
    }

    @Test func `a short-lived token that is refused is fetched anew`() async throws {
        let granted = Locked(0)
        let script: @Sendable (Int) -> [ScriptedServer.Step] = { _ in
            [
                .reply { request in
                    if request.hasPrefix("POST /token") {
                        let number = granted.withLock { count in
                            count += 1
                            return count
                        }
                        let body = #"{"access_token":"token-\#(number)","token_type":"Bearer","expires_in":3600}"#
                        return
                            "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
                    }
                    let status = request.contains("Bearer token-1") ? "401 Unauthorized" : "200 OK"
                    // The refused token, where the call is one for a member.
                    let body = request.contains("/member/") ? #"{"old":"token-1"}"# : "{}"
                    return
                        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
                }
            ]
        }
        let server = try ScriptedServer(script)
        defer { server.stop() }
        try await BrokerWorld.run { plan in
            plan.apiURL = "http://127.0.0.1:\(server.port)"
            plan.tokens = .clientCredentials(url: server.url("/token"), parameters: [])
        } _: { broker in
            // It may not be sent again, but the next call has another token.
            let first = try await broker.call(.post, "/billing/finalize")
            #expect(first.status == 401 && !first.isOwn)
            let second = try await broker.call(.post, "/billing/finalize")
            #expect(second.status == 200)
            #expect(granted.withLock { $0 } == 2)
            granted.withLock { $0 = 0 }
        }
        try await BrokerWorld.run { plan in
            plan.apiURL = "http://127.0.0.1:\(server.port)"
            plan.tokens = .clientCredentials(url: server.url("/token"), parameters: [])
        } _: { broker in
            let answer = try await broker.call(.get, "/account")
            #expect(answer.status == 200)
            #expect(broker.auditLines.count == 1)
            granted.withLock { $0 = 0 }
        }
        try await BrokerWorld.run { plan in
            plan.apiURL = "http://127.0.0.1:\(server.port)"
            plan.tokens = .clientCredentials(url: server.url("/token"), parameters: [])
        } _: { broker in
            granted.withLock { $0 = 0 }
            let answer = try await broker.call(.get, "/member/\(LoginWorld.ada)")
            #expect(answer.status == 502 && answer.code == "token_in_answer", "\(answer.text)")
            #expect(granted.withLock { $0 } == 2)
        }
    }

    @Test func `one client has a share of the calls under way, however many installations it names`() {
        let calls = BrokerCalls()
        func begin(_ number: Int, _ client: String) -> Bool {
            calls.begin(InstallationKey(integration: "acme", installationID: "icfg_\(number)"), client: client)
        }
        for number in 0..<BrokerCalls.perClient { #expect(begin(number, "one")) }
        #expect(!begin(1000, "one") && begin(1000, "two"))
        calls.end(InstallationKey(integration: "acme", installationID: "icfg_0"), client: "one")
        #expect(begin(1001, "one"))
    }
}
