import Foundation
import HTTP
import TestSupport
import Testing

/// Descriptors: what the system allows, what the settings need, and what happens where they run short.
@Suite struct DescriptorTests {
    /// Runs a program with these limits.
    private static func limited(_ ulimits: String) -> [String] { ["sh", "-c", ulimits + "; exec \"$@\"", "sh"] }

    @Test func `RT-120: the limit is raised to what the settings need`() async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(
            on: standIn, extra: "connections: { total: 400 }", prefix: Self.limited("ulimit -Sn 128")
        ) { world in
            let port = world.ports.open
            let answered = try await onThread {
                let connections = try (0..<300).map { _ in try RawConnection(port: port) }
                for connection in connections { connection.send("GET /sso/session HTTP/1.1\r\nHost: a.test\r\n\r\n") }
                return connections.filter { $0.receiveResponse() != nil }.count
            }
            #expect(answered == 300)
            #expect(!world.process.output.contains("descriptors_short"))
        }
        await standIn.stop()
    }

    @Test func `RT-120: a gateway that needs more than the system allows does not start`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:1")
        let process = try GatewayProcess(
            ["serve", "--config", file], in: folder, prefix: Self.limited("ulimit -Sn 1024; ulimit -Hn 4096"))
        #expect(try await process.exitCode() == 1)
        #expect(process.output.contains("the settings need 4864 open files, but the system allows 4096"))
        #expect(process.output.contains("LimitNOFILE"))
    }

    @Test func `RT-120: few descriptors are logged and seen in ready, and the admin listener keeps some`() async throws
    {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn) { world in
            try await Self.reports("enough", world)
            // Fewer than are kept for the admin listener, and more than are open.
            try Self.setLimit(80, world)
            try await Self.reports("short", world)
            let port = world.ports.open
            let isClosed = try await onThread { try RawConnection(port: port).receiveAll().isClosed }
            #expect(isClosed)
            #expect(try await world.browser().get("http://admin.test/ready").body.contains(#""status":"degraded""#))
            try Self.setLimit(4096, world)
            try await Self.reports("enough", world)
            #expect(try await world.browser().open(standIn.url + "/sso/integrations/acme").location == "/dashboard")
            for event in ["descriptors_short", "descriptors_available"] {
                #expect(world.process.output.components(separatedBy: "\"event\":\"\(event)\"").count == 2)
            }
        }
        await standIn.stop()
    }

    private static let get = "GET /sso/session HTTP/1.1\r\nHost: a.test\r\n\r\n"

    /// The library listened again only when one of its connections ended.
    @Test func `RT-120: connections are accepted again although one that is open stays`() async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn) { world in
            let (port, admin) = (world.ports.open, world.ports.admin)
            let (kept, waiting) = try await onThread {
                let kept = try [port, admin].map { port in
                    let kept = try RawConnection(port: port)
                    kept.send(Self.get)
                    #expect(kept.receiveResponse() != nil)
                    return kept
                }
                try Self.setLimit(Self.lowestFree(world), world)
                return (kept, try [port, admin].map { try RawConnection(port: $0) })
            }
            // Each listener's `accept` fails.
            try await Task.sleep(for: .seconds(1))
            try Self.setLimit(4096, world)
            let answered = try await onThread {
                let newcomers = try [port, admin].map { try RawConnection(port: $0) }
                for connection in newcomers { connection.send(Self.get) }
                return newcomers.filter { $0.receiveResponse() != nil }.count
            }
            #expect(answered == 2)
            withExtendedLifetime((kept, waiting)) {}
        }
        await standIn.stop()
    }

    @Test func `RT-120: without a descriptor and without a connection it does not try without a pause`() async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn) { world in
            let (port, admin) = (world.ports.open, world.ports.admin)
            try Self.setLimit(Self.lowestFree(world), world)
            let waiting = try await onThread { try [port, admin].map { try RawConnection(port: $0) } }
            try await Task.sleep(for: .seconds(2))
            let before = try Self.processorTime(world)
            try await Task.sleep(for: .seconds(3))
            // In hundredths of a second. Without pauses, two loops take all that two processors have.
            #expect(try Self.processorTime(world) - before < 120)
            try Self.setLimit(4096, world)
            let answered = try await onThread {
                for connection in waiting { connection.send(Self.get) }
                return waiting.filter { $0.receiveResponse() != nil }.count
            }
            #expect(answered == 2)
        }
        await standIn.stop()
    }

    /// The number that the process's next descriptor would get.
    private static func lowestFree(_ world: ProcessWorld) throws -> Int {
        let path = "/proc/\(world.process.child.id)/fd"
        let open = Set(try FileManager.default.contentsOfDirectory(atPath: path))
        return (0...).first { !open.contains("\($0)") } ?? 0
    }

    /// Of all its threads, in hundredths of a second (proc(5), fields 14 and 15).
    private static func processorTime(_ world: ProcessWorld) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(world.process.child.id)/stat", encoding: .utf8)
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        return try #require(Int(fields[12])) + #require(Int(fields[13]))
    }

    private static func setLimit(_ count: Int, _ world: ProcessWorld) throws {
        let words = ["prlimit", "--pid", "\(world.process.child.id)", "--nofile=\(count):"]
        let child = ChildProcess(words, in: world.folder.working, output: world.folder.path + "/prlimit")
        #expect(try #require(child).wait())
    }

    /// Waits until `/ready` says so.
    private static func reports(_ state: String, _ world: ProcessWorld) async throws {
        var body = ""
        for _ in 0..<600 where !body.contains("\"descriptors\":\"\(state)\"") {
            try await Task.sleep(for: .milliseconds(50))
            body = try await world.browser().get("http://admin.test/ready").body
        }
        #expect(body.contains("\"descriptors\":\"\(state)\""), "\(body)")
    }
}
