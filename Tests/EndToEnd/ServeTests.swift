import Foundation
import Glibc
import HTTP
import Locking
import TestSupport
import Testing

@testable import ProviderStandIn

/// `serve`, from its first line to its last.
@Suite struct ServeTests {
    static func standIn() throws -> StandInServer {
        try StandInServer(StandInSettings(integrations: [ProcessWorld.integration]))
    }

    @Test func `it listens soon, signs in, and serves its pages wherever it was started`() async throws {
        let standIn = try Self.standIn()
        let began = ContinuousClock.now
        try await ProcessWorld.run(on: standIn) { world in
            // Two hundred milliseconds on a quiet machine.
            #expect(ContinuousClock.now - began < .seconds(15))
            let browser = world.browser()
            #expect(try await browser.open(standIn.url + "/sso/integrations/acme").location == "/dashboard")
            #expect(try await browser.session() != nil)
            let page = try await browser.callBack("code=made-up")
            #expect(page.status == 400)
            let start = try #require(page.body.firstRange(of: #"href="/sso/assets/gateway-"#)?.lowerBound)
            let asset = page.body[start...].dropFirst(6).prefix { $0 != "\"" }
            let style = try await browser.get(String(asset))
            #expect(style.status == 200)
            #expect(style.headers["Content-Type"] == "text/css; charset=utf-8")
            #expect(!style.body.isEmpty)
            #expect(try await browser.get("http://admin.test/ping").body == "pong\n")
        }
        await standIn.stop()
    }

    @Test func `SIGTERM finishes what is under way and ends well`() async throws {
        let standIn = try Self.standIn()
        try await ProcessWorld.run(on: standIn, extra: "shutdown_timeout: 20s") { world in
            standIn.standIn.state.withLock { $0.delay = 1500 }
            standIn.fail(.tokenSlow)
            let query = standIn.click()
            async let login = world.browser().callBack(query)
            while standIn.counters.exchanges == 0 { try await Task.sleep(for: .milliseconds(5)) }
            world.process.terminate()
            #expect(try await login.status == 303)
            let began = ContinuousClock.now
            #expect(try await world.process.exitCode() == 0)
            #expect(ContinuousClock.now - began < .seconds(15))
            #expect(world.process.output.contains(#""event":"draining""#))
            #expect(world.process.output.contains(#""event":"stopped""#))
        }
        await standIn.stop()
    }

    @Test func `SIGTERM waits no longer than the shutdown timeout`() async throws {
        let standIn = try Self.standIn()
        try await ProcessWorld.run(on: standIn, extra: "shutdown_timeout: 1s") { world in
            standIn.fail(.tokenSlow)
            let query = standIn.click()
            async let login = world.browser().callBack(query)
            while standIn.counters.exchanges == 0 { try await Task.sleep(for: .milliseconds(5)) }
            world.process.terminate()
            #expect(try await world.process.exitCode() == 0)
            // Without the limit it is given up after eight seconds: 504.
            #expect(try await login.status == 503)
        }
        await standIn.stop()
    }

    @Test func `a log without a reader delays no decision`() async throws {
        let folder = try TestFolder()
        let socket = folder.path + "/gateway.sock"
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9", listen: "unix:\(socket)")
        let pipe = try NamedPipe(folder.path + "/log")
        let process = try GatewayProcess(
            ["serve", "--config", file], in: folder, prefix: ["bash", "-c", #"exec "$0" "$@" 2>\#(pipe.path)"#])
        defer { process.child.end() }
        try await process.opens(socket)
        // Each of them has a log line, and a pipe holds 64 KiB.
        let answered = try await onThread {
            let connection = try RawConnection(path: socket)
            return (0..<2000).prefix { _ in
                connection.send("GET /authz/nginx HTTP/1.1\r\nHost: a.test\r\n\r\n")
                return connection.receiveResponse()?.status == 403
            }.count
        }
        #expect(answered == 2000)
        var text = ""
        func lines() -> Int { text.split(separator: "\n").count { $0.contains("decision_malformed") } }
        for _ in 0..<1000 where lines() < answered {
            pipe.wait()
            text += pipe.take()
        }
        #expect(lines() == answered)
    }

    @Test func `it answers on a Unix socket, and takes the file away when it ends`() async throws {
        let folder = try TestFolder()
        let socket = folder.path + "/gateway.sock"
        let file = try ProcessWorld.configure(
            folder, marketplace: "http://127.0.0.1:9", listen: "unix:\(socket)")
        let process = try GatewayProcess(["serve", "--config", file], in: folder)
        _ = try await process.line { $0.contains("unix:\(socket)") }
        let answer = folder.path + "/answer"
        let curl = ChildProcess(
            ["curl", "-s", "--unix-socket", socket, "http://app.example.test/sso/session"], in: folder.path,
            output: answer)
        #expect(curl?.wait() == true)
        #expect(try String(contentsOfFile: answer, encoding: .utf8).contains("not_signed_in"))
        let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
        #expect(mode == 0o660)
        process.terminate()
        #expect(try await process.exitCode() == 0)
        #expect(!FileManager.default.fileExists(atPath: socket))
    }
}
