import Foundation
import Glibc
import HTTP
import Locking
import SecretMemory
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn

/// A SQLite file that stops taking what is written, under the executable. Each failure is counted, each change is logged
/// once and seen in `/ready`, and the page says what is true.
@Suite struct StoreFailureTests {
    private static func run(onSmallDisk isSmall: Bool = false, _ body: (ProcessWorld, StoreFile) async throws -> Void)
        async throws
    {
        let standIn = try ServeTests.standIn()
        let stored = try TestFolder()
        let disk = isSmall ? try SmallDisk(at: stored.path) : nil
        // Before the folder is removed.
        defer { withExtendedLifetime(stored) { disk?.unmount() } }
        unsafe chmod(stored.path, 0o700)
        let file = StoreFile(path: stored.path + "/gateway.db")
        do {
            try await ProcessWorld.run(on: standIn, extra: "store: sqlite:\(file.path)") { world in
                try await body(world, file)
            }
        } catch {
            await standIn.stop()
            throw error
        }
        await standIn.stop()
    }

    @Test func `RT-113: a full disk is counted, logged once, shown by ready and named on the page`() async throws {
        try await Self.run { world, file in
            try await Self.expectLogin(world)
            // What is full is the gateway's own file size limit (setrlimit(2)): the log is shorter than that.
            try file.limit(of: world.process.child.id, to: file.size(of: "-wal"), world.folder)
            try await Self.expectTrouble(world, logins: 20, within: .seconds(15))
            try file.limit(of: world.process.child.id, to: nil, world.folder)
            try await Self.expectRecovery(world)
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "only root can mount a file system"))
    func `RT-113: a full file system is counted, logged once, shown by ready and named on the page`() async throws {
        try await Self.run(onSmallDisk: true) { world, file in
            try await Self.expectLogin(world)
            let filler = file.path + ".filler"
            try file.fill(filler)
            try await Self.expectTrouble(world, logins: 20, within: .seconds(15))
            #expect(Self.lines(world, "store_unavailable").allSatisfy { $0.contains("13 database or disk is full") })
            #expect(unsafe unlink(filler) == 0)
            try await Self.expectRecovery(world)
        }
    }

    @Test func `RT-113: twenty logins wait for a locked file beside each other, five seconds each`() async throws {
        try await Self.run { world, file in
            try await Self.expectLogin(world)
            let lock = try file.lock()
            try await Self.expectTrouble(world, logins: 20, within: .seconds(25))
            lock.release()
            try await Self.expectRecovery(world)
        }
    }

    /// Three writes: the role for other gateways, the revocation of the session before, and the completed code.
    @Test func `RT-113: the store calls of one login wait five seconds together`() async throws {
        try await Self.run { world, file in
            let browser = world.browser()
            #expect(try await browser.callBack(world.standIn.click()).status == 303)
            let installation = ProcessWorld.integration.installations[0].id
            world.standIn.standIn.state.withLock { $0.roles[.init(installation, LoginWorld.ada)] = "USER" }
            world.standIn.standIn.fail(.tokenSlow, times: 1, delay: 1500)
            let began = ContinuousClock.now
            let exchanges = world.standIn.counters.exchanges
            async let login = browser.callBack(world.standIn.click(LoginWorld.ada))
            while world.standIn.counters.exchanges == exchanges { try await Task.sleep(for: .milliseconds(5)) }
            let lock = try file.lock()
            let answer = try await login
            #expect(answer.status == 503 && answer.title == "Sign-in is briefly not possible")
            // More than sixteen seconds if each call had its own five.
            #expect(ContinuousClock.now - began < .seconds(13))
            lock.release()
            try await Self.expectRecovery(world)
        }
    }

    @Test func `RT-113: a file that was cut off is counted, logged once, shown by ready and named on the page`()
        async throws
    {
        try await Self.run { world, file in
            try await Self.expectLogin(world)
            let content = try file.cut()
            try await Self.expectTrouble(world, logins: 20, within: .seconds(15))
            // Not even the same bytes are the same file: SQLite has given up its log.
            try file.restore(content)
            try await Task.sleep(for: .seconds(2))
            #expect(try await Self.ready(world).contains("degraded"))
            world.process.terminate()
            #expect(try await world.process.exitCode() == 0)
            let next = try GatewayProcess(["serve", "--config", world.folder.path + "/gateway.yaml"], in: world.folder)
            defer { next.child.end() }
            let again = ProcessWorld(
                standIn: world.standIn, process: next, folder: world.folder, client: world.client,
                ports: try await next.ports())
            try await Self.expectLogin(again)
        }
    }

    @Test func `RT-113: a file that was overwritten is counted, logged once, shown by ready, and refused at a start`()
        async throws
    {
        try await Self.run { world, file in
            let ada = world.browser()
            #expect(try await ada.callBack(world.standIn.click()).status == 303)
            try file.overwrite()
            try await Self.expectTrouble(world, logins: 20, within: .seconds(15))
            #expect(try await SignedInProcess.decision(ada, "/").status == 200)
            world.process.terminate()
            #expect(try await world.process.exitCode() == 0)
            let next = try await GatewayProcess.run(
                ["serve", "--config", world.folder.path + "/gateway.yaml"], in: world.folder)
            #expect(next.code == 1 && next.output.contains("start_failed"), "\(next)")
        }
    }

    private static func expectLogin(_ world: ProcessWorld) async throws {
        #expect(try await world.browser().callBack(world.standIn.click()).status == 303)
        #expect(try await ready(world).contains(#""status":"ready""#))
    }

    /// `logins` at once, each answered within `limit`.
    private static func expectTrouble(_ world: ProcessWorld, logins: Int, within limit: Duration) async throws {
        let began = ContinuousClock.now
        let answers = try await withThrowingTaskGroup(of: (TestBrowser.Answer, Duration).self) { group in
            for _ in 0..<logins {
                group.addTask {
                    let answer = try await world.browser().callBack(world.standIn.click())
                    return (answer, ContinuousClock.now - began)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (answer, time) in answers {
            #expect(answer.status == 503 && answer.session == nil)
            #expect(answer.title == "Sign-in is briefly not possible" && answer.body.contains("its own records"))
            #expect(!answer.body.contains("So many people"))
            #expect(time < limit)
        }
        let report = try await ready(world)
        #expect(report.contains(#""status":"degraded""#) && report.contains(#""store":"not answering""#), "\(report)")
        #expect(try await failures(world) >= logins)
        try await Task.sleep(for: .seconds(1))
        #expect(lines(world, "store_unavailable").count == 1, "\(lines(world, "store_unavailable"))")
        #expect(lines(world, "store_available").isEmpty)
        #expect(
            lines(world, "login_failed").filter { $0.contains("\"outcome\":\"store_unavailable\"") }.count == logins)
    }

    private static func expectRecovery(_ world: ProcessWorld) async throws {
        for _ in 0..<600 where try await ready(world).contains("degraded") {
            try await Task.sleep(for: .milliseconds(50))
        }
        try await expectLogin(world)
        for _ in 0..<600 where lines(world, "store_available").isEmpty { try await Task.sleep(for: .milliseconds(50)) }
        #expect(lines(world, "store_unavailable").count == 1 && lines(world, "store_available").count == 1)
    }

    private static func lines(_ world: ProcessWorld, _ event: String) -> [String] {
        world.process.output.split(separator: "\n").map(String.init).filter { $0.contains("\"event\":\"\(event)\"") }
    }

    private static func ready(_ world: ProcessWorld) async throws -> String {
        try await world.browser().get("http://admin.test/ready").body
    }

    private static func failures(_ world: ProcessWorld) async throws -> Int {
        let metrics = try await world.browser().get("http://admin.test/metrics").body
        let name = "sso_gateway_store_failures_total "
        let line = metrics.split(separator: "\n").first { $0.hasPrefix(name) }
        return Int(line?.dropFirst(name.count) ?? "") ?? -1
    }
}
