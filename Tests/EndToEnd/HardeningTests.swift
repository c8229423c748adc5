import Foundation
import Glibc
import TestSupport
import Testing

@testable import ProviderStandIn

/// What the running process keeps others from.
@Suite struct HardeningTests {
    @Test func `no core dump is written`() async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn) { world in
            let limits = try Self.text("/proc/\(world.process.child.id)/limits")
            let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            #expect(core?.split(separator: " ").filter { Int($0) != nil } == ["0", "0"], "\(core ?? "")")
        }
        await standIn.stop()
    }

    /// In /proc, the files of a process without core dumps belong to root, whichever user runs it. Then no other user can
    /// attach to it or read its memory (proc(5), ptrace(2)).
    @Test(.enabled(if: geteuid() == 0, "only root can start a process as another user"))
    func `no other process of the same user reaches its memory`() async throws {
        let nobody = "65534"
        let asNobody = ["setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"]
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9")
        for path in ["", "/gateway.yaml", "/keys.json", "/secret", "/working", "/temporary"] {
            #expect(unsafe chown(folder.path + path, 65534, 65534) == 0)
        }
        let process = try GatewayProcess(["serve", "--config", file], in: folder, prefix: asNobody)
        defer { process.child.end() }
        _ = try await process.ports()
        let status = try Self.text("/proc/\(process.child.id)/status")
        #expect(status.contains("Uid:\t\(nobody)\t\(nobody)"))
        #expect(Self.owner("/proc/\(process.child.id)/mem") == 0)
        let peek = ChildProcess(
            asNobody + ["cat", "/proc/\(process.child.id)/environ"], in: folder.path, output: folder.path + "/peek")
        #expect(peek?.wait() == false)

        // And the same look finds the memory of a process that does nothing about it.
        let other = try #require(
            ChildProcess(asNobody + ["sleep", "60"], in: folder.path, output: folder.path + "/sleep"))
        defer { other.end() }
        for _ in 0..<500 where Self.owner("/proc/\(other.id)/mem") != 65534 {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(Self.owner("/proc/\(other.id)/mem") == 65534)
    }

    /// The next file gets its number. If that is a socket, its client would read the log.
    @Test func `no socket gets the number of a closed standard error`() async throws {
        let folder = try TestFolder()
        let socket = folder.path + "/gateway.sock"
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9", listen: "unix:\(socket)")
        let process = try GatewayProcess(
            ["serve", "--config", file], in: folder, prefix: ["bash", "-c", #"exec "$0" "$@" 2>&-"#])
        defer { process.child.end() }
        try await process.opens(socket)
        let standardError = "/proc/\(process.child.id)/fd/2"
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: standardError) == "/dev/null")
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    private static func owner(_ path: String) -> uid_t? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_uid : nil
    }
}
