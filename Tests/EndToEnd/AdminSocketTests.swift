import CurlHTTPClient
import Foundation
import Gateway
import Glibc
import HTTP
import MicroHTTPServer
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import ProviderStandIn
@testable import sso_gateway

/// `/admin/` without a token: on the admin socket, and nowhere on TCP, which an app that can be made to send requests
/// reaches.
@Suite struct AdminSocketTests {
    private static let calls = [
        ("POST", "/admin/sessions/revoke", #"{"all":true}"#), ("POST", "/admin/reload", ""),
        ("GET", "/admin/installations", ""), ("GET", "/admin/installations/icfg_1", ""),
        ("PUT", "/admin/installations/icfg_1", #"{"access_token":"t"}"#), ("DELETE", "/admin/installations/icfg_1", ""),
        ("POST", "/admin/installations/icfg_1/rotate", "{}"), ("POST", "/admin/installations/reseal", "{}"),
    ]

    @Test(arguments: calls)
    func `a call on plain loopback TCP changes and lists nothing`(_ method: String, _ path: String, _ body: String)
        async throws
    {
        try await LoginWorld.run { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click())
            for host in ["127.0.0.1", "localhost:4181"] {
                let raw =
                    "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
                let answer = try await RawRequest.send(Array(raw.utf8), port: world.gateway.adminListener.port)
                #expect(answer.hasPrefix("HTTP/1.1 403 ") && answer.contains("admin socket"), "\(answer.prefix(300))")
            }
            let decision = try await browser.get("/authz/nginx", headers: LoginWorld.original)
            #expect(decision.status == 200)
            let put = try await world.administer(.get, "/admin/installations/icfg_1")
            #expect(put.status == .notFound)
        }
    }

    @Test func `commands find the socket from the configuration, and only its owner may use it`() async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [ProcessWorld.integration]))
        try await ProcessWorld.run(on: standIn) { world in
            let browser = world.browser()
            #expect(try await browser.callBack(world.standIn.click()).status == 303)
            var status = stat()
            #expect(unsafe stat("\(world.folder.path)/admin.sock", &status) == 0 && status.st_mode & 0o777 == 0o600)
            let folder = try TestFolder()
            let config = "\(world.folder.path)/gateway.yaml"
            let done = try await GatewayProcess.run(["sessions", "revoke", "--all", "--config", config], in: folder)
            #expect(done.code == 0, "\(done.output)")
            let decision = try await browser.get("/authz/nginx", headers: LoginWorld.original)
            #expect(decision.status == 401)
            let refused = try await GatewayProcess.run(
                ["sessions", "revoke", "--all", "--admin", "http://127.0.0.1:\(world.ports.admin)"], in: folder)
            #expect(refused.code == 1 && refused.output.contains("use --config, or --admin unix:PATH"))
        }
        await standIn.stop()
    }

    @Test func `a reload through the admin socket says what changed or what is wrong`() async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [ProcessWorld.integration]))
        try await ProcessWorld.run(on: standIn) { world in
            let client = try CurlHTTPClient(ClientSettings(unixSocket: "\(world.folder.path)/admin.sock"))
            defer { client.stop() }
            func reload(_ extra: String) async throws -> (status: Int, body: String) {
                _ = try ProcessWorld.configure(world.folder, marketplace: standIn.url, extra: extra, ring: false)
                let answer = try await client.send(
                    HTTPClientRequest(.post, "http://localhost/admin/reload", timeout: .seconds(20)))
                return (answer.status.rawValue, answer.body.exposedText?.string ?? "")
            }
            let changed = try await reload("rules: [{ path: /admin/, roles: [USER] }]")
            #expect(changed.status == 200 && changed.body.contains("path: /admin/"), "\(changed)")
            let same = try await reload("rules: [{ path: /admin/, roles: [USER] }]")
            #expect(same.status == 200 && same.body == "{\"changes\":[]}\n")
            let wrong = try await reload("no_such_key: canary")
            #expect(wrong.status == 422 && wrong.body.contains("no_such_key") && wrong.body.contains("request_id"))
            let fixed = try await reload("rules: [{ path: /admin/, roles: [USER] }]\nevent_loops: 3")
            #expect(fixed.status == 422 && fixed.body.contains("only a restart changes: event_loops"))
        }
        await standIn.stop()
    }

    /// What probes and operators run in a container that has no shell.
    @Test func `ready and reload say by their exit codes how the gateway is`() async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [ProcessWorld.integration]))
        try await ProcessWorld.run(on: standIn, extra: "shutdown_delay: 20s") { world in
            let folder = try TestFolder()
            func run(_ arguments: String...) async throws -> (code: Int32, output: String) {
                try await GatewayProcess.run(arguments, in: folder)
            }
            let listener = "http://127.0.0.1:\(world.ports.admin)"
            let config = "\(world.folder.path)/gateway.yaml"
            for address in [["--admin", listener], ["--config", config]] {
                let ready = try await GatewayProcess.run(["ready"] + address, in: folder)
                #expect(ready.code == 0 && ["ready\n", "degraded: keys_missing\n"].contains(ready.output), "\(ready)")
                let alive = try await GatewayProcess.run(["ready", "--alive"] + address, in: folder)
                #expect(alive.code == 0 && alive.output == "alive\n", "\(alive)")
            }
            let same = try await run("reload", "--config", config)
            #expect(same.code == 0 && same.output == "Reloaded; no setting changed.\n", "\(same)")
            let extra = "shutdown_delay: 20s\nlog: { decisions: 1/7 }"
            _ = try ProcessWorld.configure(world.folder, marketplace: standIn.url, extra: extra, ring: false)
            let changed = try await run("reload", "--config", config)
            #expect(changed.code == 0 && changed.output.contains("+ log: { decisions: 1/7 }"), "\(changed)")
            let socket = "unix:\(world.folder.path)/admin.sock"
            _ = try ProcessWorld.configure(world.folder, marketplace: standIn.url, extra: "no_such: 1", ring: false)
            let wrong = try await run("reload", "--admin", socket)
            #expect(wrong.code == 1 && wrong.output.contains("no_such is wrong"), "\(wrong)")
            let fixed = "shutdown_delay: 20s\nevent_loops: 3\nlog: { decisions: 1/7 }"
            _ = try ProcessWorld.configure(world.folder, marketplace: standIn.url, extra: fixed, ring: false)
            let needed = try await run("reload", "--config", config)
            #expect(needed.code == 1 && needed.output.contains("only a restart changes: event_loops"), "\(needed)")
            _ = try ProcessWorld.configure(world.folder, marketplace: standIn.url, extra: "no_such: 1", ring: false)
            let invalid = try await run("reload", "--config", config)
            #expect(invalid.code == 78 && invalid.output.contains("no_such"), "\(invalid)")
            // A probe must not depend on a file that is being edited.
            let probe = try await run("ready", "--admin", listener)
            #expect(probe.code == 0)
            world.process.terminate()
            _ = try await world.process.line { $0.contains(#""event":"draining""#) }
            let draining = try await run("ready", "--admin", listener)
            #expect(draining.code == 1 && draining.output.hasPrefix("draining: draining"), "\(draining)")
            let alive = try await run("ready", "--alive", "--admin", listener)
            #expect(alive.code == 0)
            world.process.terminate()
            _ = try await world.process.exitCode()
            let gone = try await run("ready", "--admin", listener)
            #expect(gone.code == 1 && gone.output.contains("no answer"), "\(gone)")
        }
        await standIn.stop()
    }

    @Test func `explain says when it sees no store`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9")
        let (code, output) = try await GatewayProcess.run(
            ["explain", "--config", file, "--url", "/dashboard"], in: folder)
        #expect(code == 0 && output.contains("no store at \(folder.path)/gateway.db: this command sees no revocations"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/gateway.db"))
    }

    @Test func `a gateway without a file has nothing to reload`() async throws {
        try await LoginWorld.run { world in
            let answer = try await world.administer(.post, "/admin/reload")
            #expect(answer.status == .notImplemented)
        }
    }
}
