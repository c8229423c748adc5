import Foundation
import Gateway
import Glibc
import HTTP
import Locking
import SecretMemory
import TestSupport
import Testing

@testable import ProviderStandIn

/// SIGHUP replaces the whole configuration or nothing.
@Suite struct ReloadTests {
    private static let rule = "rules: [{ path: /admin/, roles: [USER] }]"

    @Test func `a reload takes the new rules and keeps the sessions`() async throws {
        try await SignedInProcess.run { world, browser in
            #expect(try await SignedInProcess.decision(browser, "/admin/").status == 200)
            try world.reconfigure(extra: Self.rule)
            let line = try await world.reload("configuration_reloaded")
            #expect(line.contains("path: /admin/") && line.contains("USER"))
            #expect(try await SignedInProcess.decision(browser, "/admin/").status == 403)
            #expect(try await SignedInProcess.decision(browser, "/").status == 200)
        }
    }

    /// A file without its rules is valid, and allows more.
    @Test(arguments: [
        (rule, "", "rules is missing"), ("default: deny", "", "default is missing"),
        ("trusted_proxies: [127.0.0.1/32]", "headers: remote", "trusted_proxies is missing"),
    ])
    func `a file that lost a key is refused, and nothing changes`(before: String, after: String, problem: String)
        async throws
    {
        try await SignedInProcess.run(extra: before) { world, browser in
            let decision = try await SignedInProcess.decision(browser, "/admin/").status
            try world.reconfigure(extra: after)
            let line = try await world.reload("configuration_refused")
            #expect(line.contains(problem) && line.contains("the file may be incomplete"), "\(line)")
            #expect(try await SignedInProcess.decision(browser, "/admin/").status == decision)
            #expect(try await world.metric("sso_gateway_configuration_last_reload_successful") == 0)
            try world.reconfigure(extra: before)
            _ = try await world.reload("configuration_reloaded")
            #expect(try await world.metric("sso_gateway_configuration_last_reload_successful") == 1)
        }
    }

    @Test func `rules go where the file says so`() async throws {
        try await SignedInProcess.run(extra: Self.rule) { world, browser in
            #expect(try await SignedInProcess.decision(browser, "/admin/").status == 403)
            try world.reconfigure(extra: "rules: []")
            _ = try await world.reload("configuration_reloaded")
            #expect(try await SignedInProcess.decision(browser, "/admin/").status == 200)
        }
    }

    @Test func `a file that lost its end marker is refused`() async throws {
        try await SignedInProcess.run { world, _ in
            let file = world.folder.path + "/gateway.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try (text + Self.rule + "\n...\n").write(toFile: file, atomically: true, encoding: .utf8)
            _ = try await world.reload("configuration_reloaded")
            try (text + Self.rule).write(toFile: file, atomically: true, encoding: .utf8)
            let line = try await world.reload("configuration_refused")
            #expect(line.contains("the last line `...` is missing"), "\(line)")
        }
    }

    @Test func `a reload of the same file changes nothing`() async throws {
        try await SignedInProcess.run { world, browser in
            let line = try await world.reload("configuration_reloaded")
            #expect(line.contains(#""changes":"0""#))
            #expect(try await SignedInProcess.decision(browser, "/").status == 200)
        }
    }

    @Test(arguments: [
        ("rules: [{ path: admin }]", "rules"), ("no_such_key: 1", "no_such_key"),
        ("event_loops: 2", "only a restart changes: event_loops"),
        ("session: { idle: 1m }", "only a restart changes: session"),
    ])
    func `a configuration that is wrong or needs a restart changes nothing`(extra: String, problem: String)
        async throws
    {
        try await SignedInProcess.run { world, browser in
            try world.reconfigure(extra: extra)
            let line = try await world.reload("configuration_refused")
            #expect(line.contains(problem) && line.contains(#""level":"error""#))
            #expect(try await SignedInProcess.decision(browser, "/admin/").status == 200)
            #expect(try await browser.open(world.standIn.url + "/sso/integrations/acme").location == "/dashboard")
        }
    }

    /// A secret that was pasted under a key whose value is no secret.
    @Test func `a reload's lines have no client id, slug or token`() async throws {
        try await SignedInProcess.run { world, _ in
            let file = world.folder.path + "/gateway.yaml"
            let secret = "canary-pasted-secret"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let acme = ProcessWorld.integration
            let changed = text.replacing("client_id: \(acme.clientID)", with: "client_id: \(secret)")
                .replacing("slug: \(acme.slug)", with: "slug: \(secret)")
                .replacing("\(acme.installations[0].id): ", with: "\(secret): ")
            #expect(changed.components(separatedBy: secret).count == 4)
            try changed.write(toFile: file, atomically: true, encoding: .utf8)
            let line = try await world.reload("configuration_reloaded")
            #expect(line.contains("client_id: (not shown)") && line.contains("slug: (not shown)"))
            #expect(line.contains("installation_token: (not shown)"))
            #expect(!world.process.output.contains(secret))
        }
    }

    @Test func `a reload takes a new client secret, and the log does not have it`() async throws {
        try await SignedInProcess.run { world, _ in
            let secret = "canary-another-secret-41"
            try world.folder.write("secret", secret + "\n")
            let line = try await world.reload("configuration_reloaded")
            #expect(line.contains("acme.client_secret: another value"))
            #expect(try await world.browser().callBack(world.standIn.click()).status != 303)
            _ = try await world.process.line { $0.contains(#""event":"login_failed""#) }
            try world.folder.write("secret", ProcessWorld.clientSecret + "\n")
            _ = try await world.reload("configuration_reloaded")
            #expect(try await world.browser().callBack(world.standIn.click()).status == 303)
            #expect(!world.process.output.contains(secret))
        }
    }

    @Test func `a login under way is finished, a connection stays open, and keys need no fetch`() async throws {
        try await SignedInProcess.run { world, _ in
            let connection = try RawConnection(port: world.ports.open)
            let request = "GET /sso/session HTTP/1.1\r\nHost: app.example.test\r\n\r\n"
            connection.send(request)
            #expect(try await onThread { connection.receiveResponse()?.status } == 401)
            let fetches = world.standIn.counters.keyFetches
            world.standIn.standIn.state.withLock { $0.delay = 1000 }
            world.standIn.fail(.tokenSlow)
            let query = world.standIn.click()
            let before = world.standIn.counters.exchanges
            async let login = world.browser().callBack(query)
            while world.standIn.counters.exchanges == before { try await Task.sleep(for: .milliseconds(5)) }
            try world.reconfigure(extra: Self.rule)
            _ = try await world.reload("configuration_reloaded")
            #expect(try await login.status == 303)
            connection.send(request)
            #expect(try await onThread { connection.receiveResponse()?.status } == 401)
            world.standIn.fail(.none)
            #expect(try await world.browser().callBack(world.standIn.click()).status == 303)
            #expect(world.standIn.counters.keyFetches == fetches)
        }
    }

    @Test func `twenty reloads under load fail no login and no decision`() async throws {
        try await SignedInProcess.run { world, browser in
            let reloads = Task {
                for number in 0..<20 {
                    try world.reconfigure(extra: number.isMultiple(of: 2) ? Self.rule : "rules: []")
                    kill(world.process.child.id, SIGHUP)
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            let statuses = try await ConcurrencyTests.atOnce(100) { number in
                number.isMultiple(of: 4)
                    ? try await world.browser().callBack(world.standIn.click()).status == 303
                    : try await SignedInProcess.decision(browser, "/").status == 200
            }
            #expect(statuses.filter { !$0 }.count == 0)
            try await reloads.value
        }
    }

    @Test func `SIGUSR1 and SIGUSR2 do nothing, and a second SIGTERM ends at once and says so`() async throws {
        try await SignedInProcess.run { world, _ in
            for signal in [SIGUSR1, SIGUSR2] { kill(world.process.child.id, signal) }
            #expect(try await world.browser().get("/sso/session").status == 401)
            world.standIn.standIn.state.withLock { $0.delay = 5000 }
            world.standIn.fail(.tokenSlow)
            let query = world.standIn.click()
            let before = world.standIn.counters.exchanges
            async let login = world.browser().callBack(query)
            while world.standIn.counters.exchanges == before { try await Task.sleep(for: .milliseconds(5)) }
            world.process.terminate()
            _ = try await world.process.line { $0.contains(#""event":"draining""#) }
            world.process.terminate()
            #expect(try await world.process.exitCode() == -SIGTERM)
            #expect(world.process.output.contains("stopped at once by a second signal"))
            _ = try? await login
        }
    }

    @Test func `RT-84: a reload resets no count of attempts`() async throws {
        try await SignedInProcess.run { world, _ in
            func attempt(_ number: Int) async throws -> Int {
                try await world.browser().get(
                    "/sso/callback?mode=sso&code=made-up-\(number)&state=x",
                    headers: [
                        "X-Forwarded-For": "203.0.113.9", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
                    ]
                ).status
            }
            for number in 0..<20 { #expect(try await attempt(number) != 429) }
            #expect(try await attempt(20) == 429)
            _ = try await world.reload("configuration_reloaded")
            #expect(try await attempt(21) == 429)
        }
    }

    @Test func `a file that is no plain file is refused, and a stop does not wait for a reload`() async throws {
        try await SignedInProcess.run { world, _ in
            let file = world.folder.path + "/gateway.yaml"
            unsafe unlink(file)
            #expect(unsafe mkfifo(file, 0o600) == 0)
            #expect(try await world.reload("configuration_refused").contains("is not a plain file"))
            unsafe unlink(file)
            try world.reconfigure(extra: "ca_file: \(world.folder.path)/pipe")
            #expect(unsafe mkfifo(world.folder.path + "/pipe", 0o600) == 0)
            #expect(try await world.reload("configuration_refused").contains("ca_file"))
            for _ in 0..<200 { kill(world.process.child.id, SIGHUP) }
            let began = ContinuousClock.now
            world.process.terminate()
            #expect(try await world.process.exitCode() == 0)
            #expect(ContinuousClock.now - began < .seconds(15))
        }
    }

    @Test func `a value that is wrong is not in the log`() async throws {
        try await SignedInProcess.run { world, _ in
            try world.reconfigure(extra: "ca_file: \"canary TOPSECRET\"\nheaders: canary-TOPSECRET")
            _ = try await world.reload("configuration_refused")
            _ = try await world.process.line { $0.contains("headers is wrong") }
            #expect(!world.process.output.contains("TOPSECRET"))
        }
    }
}
