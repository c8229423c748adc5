import CurlHTTPClient
import Glibc
import HTTP
import JOSE
import Locking
import Marketplace
import MicroHTTPServer
import OpenSSLCrypto
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// The broker over real sockets, before the stand-in.
@Suite struct BrokerTests {
    private static let event = #"{"event":{"type":"installation.updated"}}"#

    @Test func `every operation of an installation reaches the marketplace, and its answer comes back`() async throws {
        try await BrokerWorld.run {
            $0.clock = TestClock(from: 1_800_000_000)
        } _: { broker in
            var invoice = ""
            var used: Set<String> = []
            for (method, path, body) in `Every operation of the marketplace's API`.calls {
                let path = path.replacing("{invoice}", with: invoice)
                guard
                    case .operation(let operation, _) = APIOperation.match(
                        method, UntrustedText(BrokerWorld.below + path))
                else { throw BrokerRefusal(404, path, "") }
                if operation.name == "updateInvoice" { broker.world.plan.clock.advance(by: 3 * 86_400) }
                let answer = try await broker.call(method, path, body)
                #expect(answer.status == operation.success.rawValue, "\(operation.name): \(answer.text)")
                #expect(!answer.isOwn)
                used.insert(operation.name)
                if operation.name == "submitInvoice" { invoice = answer.body?["invoiceId"]?.text?.string ?? "" }
            }
            #expect(used.count == 19)
            let line = try #require(broker.auditLines.first)
            #expect(
                line.contains(
                    "client=all operation=getAccountInfo integration=acme installation=\(BrokerWorld.installation) status=200"
                )
            )
            #expect(broker.auditLines.count == `Every operation of the marketplace's API`.calls.count)
            #expect(!broker.world.log.all.joined().contains("canary-"))
            #expect(!broker.world.log.all.joined().contains(BrokerWorld.installationToken))
        }
    }

    @Test(
        arguments: [
            (nil, HTTPMethod.get, "/account", "", 401, "client_token"),
            ("wrong", .get, "/account", "", 401, "client_token"),
            (BrokerWorld.readerToken, .get, "/account", "", 403, "operation"),
            ("canary-elsewhere", .get, "/account", "", 403, "integration"),
            (BrokerWorld.token, .get, "/nothing", "", 404, "not_found"),
            (BrokerWorld.token, .put, "/account", "", 405, "method"),
            (BrokerWorld.token, .options, "/account", "", 405, "method"),
            (BrokerWorld.token, .post, "/events", "", 422, "missing_field"),
            (BrokerWorld.token, .post, "/credentials/rotate", "{}", 404, "not_found"),
            (BrokerWorld.token, .get, "/account?teamId=a", "", 422, "unknown_field"),
            (BrokerWorld.token, .get, "/account", "{}", 422, "rule"),
        ] as [(String?, HTTPMethod, String, String, Int, String)])
    func `refuses`(
        token: String?, method: HTTPMethod, path: String, body: String, status: Int, code: String
    ) async throws {
        try await BrokerWorld.run { broker in
            let answer = try await broker.call(method, path, body, token: token)
            #expect(answer.status == status && answer.code == code && answer.isOwn, "\(answer.text)")
            #expect(answer.body?["request_id"]?.text?.count == 16)
            #expect(broker.world.standIn.counters.apiCalls == 0)
            #expect(broker.auditLines.count == 1 && broker.auditLines[0].contains("status=\(status) "))
            if status == 405 { #expect(answer.headers["Allow"] == "GET") }
        }
    }

    @Test(arguments: [
        (
            #"{"event":{"type":"installation.updated"},"event":{"type":"installation.updated"}}"#, "event",
            "duplicate_field"
        ),
        (#"{"event":{"type":"installation.updated","type":"x"}}"#, "event.type", "duplicate_field"),
        (#"{"event":{"type":"installation.updated"},"token":"x"}"#, "token", "unknown_field"),
        (#"{"event":{"type":1}}"#, "event.type", "wrong_type"), (#"{"event":{}}"#, "event.type", "missing_field"),
    ])
    func `a body that could be read in two ways names its field`(body: String, field: String, code: String) async throws
    {
        try await BrokerWorld.run { broker in
            let answer = try await broker.call(.post, "/events", body)
            #expect(answer.status == 422 && answer.field == field && answer.code == code, "\(answer.text)")
            #expect(broker.world.standIn.counters.apiCalls == 0)
        }
    }

    @Test(arguments: [
        "/v1/installations/icfg_Other/../\(BrokerWorld.installation)/account",
        "/v1/installations/icfg_Other/%2e%2e/\(BrokerWorld.installation)/account",
        "/v1/installations/\(BrokerWorld.installation)%2faccount",
        "/v1/installations/\(BrokerWorld.installation)//account",
        "//v1/installations/\(BrokerWorld.installation)/account",
        "/V1/installations/\(BrokerWorld.installation)/account",
        "/v1/installations/\(BrokerWorld.installation)/account/",
        "/v1/installations/\(BrokerWorld.installation);a/account",
        "/v1/installations/\(BrokerWorld.installation)/account;a",
        "/v1/installations/\(BrokerWorld.installation)/Account",
        "/v1/installations/../account", "/v1/installations/./account", "/v1/installations//account",
        "/v1/installations/%69cfg_A/account", "/v1/installations/\(BrokerWorld.installation)/resources/..",
        "/v1/installations/\(BrokerWorld.installation)/resources/a%2fsecrets",
        "/v1/installations/\(BrokerWorld.installation)/resources/a\\b",
    ])
    func `a path that could be read as another is refused`(path: String) async throws {
        try await BrokerWorld.run { broker in
            let raw = try await onThread { [port = broker.port] in
                let connection = try RawConnection(port: port)
                connection.send(
                    "GET \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(BrokerWorld.token)\r\nConnection: close\r\n\r\n"
                )
                return String(decoding: connection.receiveAll().bytes, as: UTF8.self)
            }
            let status = raw.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            #expect(["400", "404", "405", "422"].contains(status), "\(raw.prefix(300))")
            #expect(raw.lowercased().contains("x-sso-broker: refused"))
            #expect(broker.world.standIn.counters.apiCalls == 0)
        }
    }

    @Test func `another installation has no token`() async throws {
        try await BrokerWorld.run { broker in
            let answer = try await broker.call(.get, "/v1/installations/icfg_Another/account", below: "")
            #expect(answer.status == 424 && answer.code == "no_token" && answer.isOwn)
        }
    }

    @Test func `an installation that is being removed still takes its last invoices`() async throws {
        try await InstallationWorld.run { plan in
            plan.broker = BrokerWorld.settings()
            plan.tokens = .store
        } _: { here in
            let broker = BrokerWorld(world: here.world)
            #expect(try await broker.call(.post, "/billing/finalize").code == "no_token")
            try await here.call("token=\(BrokerWorld.installationToken)")
            try await here.call("method=DELETE")
            let last = try await broker.call(.post, "/billing/finalize")
            #expect(!last.isOwn, "\(last.text)")
        }
    }

    @Test func `an installation of two integrations needs the header`() async throws {
        try await BrokerWorld.run { plan in
            var other = LoginWorld.Plan.acme("other", clientID: "oac_Other", callback: "/other/callback")
            other.webhookURL = LoginWorld.origin + "/other/webhook"
            other.installations[0].accessToken = "another-token"
            plan.integrations.append(other)
        } _: { broker in
            let answer = try await broker.call(.get, "/account")
            #expect(answer.status == 409 && answer.code == "integration" && answer.isOwn)
            let named = try await broker.call(.get, "/account", headers: ["X-SSO-Integration": "acme"])
            #expect(!named.isOwn)
            let unknown = try await broker.call(.get, "/account", headers: ["X-SSO-Integration": "none"])
            #expect(unknown.status == 400 && unknown.isOwn)
            let allowed = try await broker.call(
                .get, "/account", token: "canary-elsewhere", headers: ["X-SSO-Integration": "other"])
            #expect(!allowed.isOwn)
        }
    }

    @Test func `a member needs the role that the operation needs`() async throws {
        try await BrokerWorld.run { broker in
            let (admin, user) = (broker.assertion(), broker.assertion(role: "USER"))
            let patch = #"{"status":"ready"}"#
            #expect(try await broker.call(.patch, "", patch, headers: admin).status == 204)
            for (method, path, body) in [
                (HTTPMethod.patch, "", patch), (.delete, "/resources/db_engine", ""),
                (.put, "/resources/db_engine/secrets", #"{"secrets":[]}"#), (.get, "/billing/invoices/inv_1", ""),
                (.post, "/billing/finalize", ""),
            ] {
                let answer = try await broker.call(method, path, body, headers: user)
                #expect(answer.status == 403 && answer.code == "member_role", "\(method) \(path): \(answer.text)")
            }
            #expect(try await broker.call(.get, "/account", headers: user).status == 200)
            #expect(try await broker.call(.post, "/events", Self.event, headers: user).status == 201)
            #expect(broker.auditLines[0].hasSuffix("member=\(LoginWorld.ada)"))
            let other = try await broker.call(.get, "/account", headers: broker.assertion(installation: "icfg_Other"))
            #expect(other.status == 403 && other.code == "member_installation")
        }
    }

    @Test func `an assertion that does not verify is refused`() async throws {
        try await BrokerWorld.run { broker in
            for headers in [
                ["X-SSO-Assertion": ""], ["X-SSO-Assertion": "a.b.c"], broker.assertion(issuer: "https://evil.test"),
                broker.assertion(audience: "evil.test"), broker.assertion(expires: -6),
                broker.assertion(role: "OWNER"), broker.assertion(ring: LoginWorld.freshRing()),
            ] as [HTTPHeaders] {
                let answer = try await broker.call(.get, "/account", headers: headers)
                #expect(answer.status == 401 && answer.code == "assertion" && answer.isOwn)
            }
            #expect(broker.world.standIn.counters.apiCalls == 0)
        }
    }

    @Test func `a client has its rate for each installation`() async throws {
        try await BrokerWorld.run {
            $0.broker = BrokerWorld.settings(rate: BrokerSettings.usualRate)
            // A slow machine would give the rate time to return.
            $0.clock.stop()
        } _: { broker in
            var refused: BrokerWorld.Answer?
            var count = 0
            while refused == nil, count < 200 {
                let answer = try await broker.call(.get, "/account")
                if answer.status == 429 { refused = answer } else { count += 1 }
            }
            let answer = try #require(refused)
            #expect((60..<120).contains(count) && answer.code == "rate" && answer.isOwn, "\(count)")
            #expect(answer.headers["Retry-After"] == "1")
            let other = try await broker.call(.get, "/v1/installations/icfg_Another/account", below: "")
            #expect(other.status == 424)
            // A reload that changes something else gives nobody a second rate.
            try await broker.reload { $0.broker?.clients.removeLast() }
            #expect(try await broker.call(.get, "/account").code == "rate")
            let reader = try await broker.call(.get, "/billing/invoices/inv_1", token: BrokerWorld.readerToken)
            #expect(reader.status == 404 && !reader.isOwn)
        }
    }

    @Test func `a client that guesses tokens is slowed down, and others are not`() async throws {
        try await BrokerWorld.run {
            $0.clock.stop()
        } _: { broker in
            for number in 0..<20 {
                #expect(try await broker.call(.get, "/account", token: "guess-\(number)").status == 401)
            }
            let answer = try await broker.call(.get, "/account", token: "guess")
            #expect(answer.status == 429 && answer.code == "guesses" && answer.headers["Retry-After"] == "60")
            // One line for all of them, before and after a reload.
            try await broker.reload { $0.broker?.clients.removeLast() }
            for _ in 0..<5 { #expect(try await broker.call(.get, "/account", token: "guess").code == "guesses") }
            #expect(broker.auditLines.filter { $0.contains("outcome=guesses") }.count == 1)
            #expect(broker.auditLines.count == 21)
            let metrics = try await broker.world.client.send(
                HTTPClientRequest(.get, broker.world.adminURL + "/metrics", timeout: .seconds(10)))
            let text = try #require(metrics.body.exposedText?.string)
            #expect(text.contains(#"sso_gateway_limited_requests_total{endpoint="broker"} 6"#))
            #expect(try await broker.call(.get, "/account").status == 200)
            broker.world.plan.clock.advance(by: 60)
            #expect(try await broker.call(.get, "/account", token: "guess").status == 401)
        }
    }

    @Test func `a body of more than 1 MiB is refused`() async throws {
        try await BrokerWorld.run { broker in
            let answer = try await broker.call(.post, "/events", String(repeating: " ", count: 1024 * 1024 + 1))
            #expect(answer.status == 413 && answer.isOwn && broker.auditLines.count == 1)
            let stranger = try await broker.call(
                .post, "/events", String(repeating: " ", count: 64 * 1024), token: "wrong")
            #expect(stranger.status == 413 && stranger.isOwn)
            let fitting = try await broker.call(.post, "/events", String(repeating: " ", count: 900_000) + Self.event)
            #expect(fitting.status == 201, "\(fitting.text)")
        }
    }

    @Test(arguments: [(true, nil, 200), (false, nil, 401), (true, "wrong", 401), (false, BrokerWorld.token, 200)])
    func `a client on a Unix socket is known by its user`(isClient: Bool, token: String?, status: Int) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("broker.sock")
        let user = getuid() + (isClient ? 0 : 1)
        try await BrokerWorld.run { plan in
            plan.brokerListen = .unix(path: path)
            plan.broker?.clients.append(
                .init(name: "peer", credential: .peerUser(user), operations: [.getAccountInfo]))
        } _: { broker in
            let raw = try await onThread {
                let connection = try RawConnection(path: path)
                let bearer = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
                connection.send(
                    "GET \(BrokerWorld.below)/account HTTP/1.1\r\nHost: a\r\n\(bearer)Connection: close\r\n\r\n")
                return String(decoding: connection.receiveAll().bytes, as: UTF8.self)
            }
            #expect(raw.hasPrefix("HTTP/1.1 \(status) "), "\(raw.prefix(200))")
        }
    }

    @Test func `a reload replaces the clients and keeps the listener`() async throws {
        try await BrokerWorld.run { broker in
            #expect(try await broker.call(.get, "/account").status == 200)
            let lines = try await broker.reload { $0.broker?.clients.removeFirst() }
            #expect(lines.contains { $0.contains("broker") })
            #expect(try await broker.call(.get, "/account").status == 401)
            // What was counted before is still counted.
            let metrics = try await broker.metrics()
            #expect(metrics.contains(#"_broker_calls_total{operation="getAccountInfo",outcome="succeeded"} 1"#))
            var plan = broker.world.plan
            plan.broker = nil
            let without = try LoginWorld.configuration(plan, broker.world.standIn.url)
            let refusal = await #expect(throws: RunningGateway.NeedsRestart.self) {
                try await broker.world.gateway.reload(without)
            }
            #expect(refusal?.settings == ["broker.listen"])
        }
    }

    @Test func `calls are counted by operation and outcome`() async throws {
        let metrics = Metrics()
        let calls = Broker.calls(metrics)
        calls.count("getInvoice", "succeeded")
        #expect(
            metrics.exposition.contains(
                #"sso_gateway_broker_calls_total{operation="getInvoice",outcome="succeeded"} 1"#))
        try await BrokerWorld.run { broker in
            _ = try await broker.call(.get, "/account")
            _ = try await broker.call(.get, "/account", token: "wrong")
            let text = try await broker.metrics()
            #expect(text.contains(#"_broker_calls_total{operation="getAccountInfo",outcome="succeeded"} 1"#))
            #expect(text.contains(#"_broker_calls_total{operation="none",outcome="refused"} 1"#))
        }
    }

    @Test func `a page of a browser and a token in another place are not clients`() async throws {
        try await BrokerWorld.run { broker in
            for headers in [
                ["Authorization": "Basic \(BrokerWorld.token)"], ["Authorization": BrokerWorld.token],
                ["Cookie": "token=\(BrokerWorld.token)"], ["X-Authorization": "Bearer \(BrokerWorld.token)"],
            ] as [HTTPHeaders] {
                let answer = try await broker.call(.get, "/account", token: nil, headers: headers)
                #expect(answer.status == 401 && answer.headers["WWW-Authenticate"] == "Bearer")
            }
        }
    }

    @Test func `SIGTERM finishes the calls under way`() async throws {
        let folder = try TemporaryFolder()
        let socket = folder.path("broker.sock")
        let standIn = try StandInServer(StandInSettings(integrations: [ProcessWorld.integration]))
        let digest = SHA256.hash(Array(BrokerWorld.token.utf8)).hexadecimal
        let section = """
            shutdown_timeout: 20s
            broker: { listen: "unix:\(socket)", clients: { job: { token_sha256: \(digest), operations: all } } }
            """
        try await ProcessWorld.run(on: standIn, extra: section) { world in
            standIn.standIn.state.withLock { $0.delay = 1500 }
            standIn.fail(.apiSlow)
            async let call = onThread {
                let connection = try RawConnection(path: socket)
                connection.send(
                    """
                    GET \(BrokerWorld.below)/resources HTTP/1.1\r\nHost: a\r\n\
                    Authorization: Bearer \(BrokerWorld.token)\r\nConnection: close\r\n\r\n
                    """)
                return String(decoding: connection.receiveAll().bytes, as: UTF8.self)
            }
            while standIn.counters.apiCalls == 0 { try await Task.sleep(for: .milliseconds(5)) }
            world.process.terminate()
            let answer = try await call
            #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(300))")
            #expect(try await world.process.exitCode() == 0)
            let output = world.process.output
            #expect(output.contains(#""event":"marketplace_called""#) && output.contains(#""role":"broker""#))
            #expect(!output.contains("canary-"))
        }
        await standIn.stop()
    }
}
