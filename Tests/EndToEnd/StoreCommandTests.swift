import Foundation
import Glibc
import Storage
import TestSupport
import Testing

@testable import ProviderStandIn

/// `store check`, `store backup` and the manual's way back, with the executable and its file.
@Suite struct StoreCommandTests {
    private static let installation = ProcessWorld.integration.installations[0].id

    /// Runs a command with the world's configuration.
    private static func run(_ world: ProcessWorld, _ words: String...) async throws -> (code: Int32, output: String) {
        try await GatewayProcess.run(words + ["--config", world.folder.path + "/gateway.yaml"], in: try TestFolder())
    }

    private static func put(_ world: ProcessWorld, _ account: String) async throws {
        let done = try await run(world, "installations", "put", installation, "--account-id", account)
        #expect(done.code == 0, "\(done.output)")
    }

    @Test func `a backup beside a running gateway brings back what was stored then, by the manual's steps`()
        async throws
    {
        let standIn = try ServeTests.standIn()
        let kept = try TestFolder()
        let backup = kept.path + "/backup.db"
        var content = Data()
        try await ProcessWorld.run(on: standIn) { world in
            try await Self.put(world, "acct_then")
            let done = try await Self.run(world, "store", "backup", backup)
            #expect(done.code == 0 && done.output.contains("1 rows, checked"), "\(done.output)")
            content = try Data(contentsOf: URL(fileURLWithPath: backup))
            try await Self.put(world, "acct_later")
            let again = try await Self.run(world, "store", "backup", backup)
            #expect(again.code == 1 && again.output.contains("never replaces"))
            let checked = try await Self.run(world, "store", "check")
            #expect(checked.code == 0 && checked.output.contains("installation  1\n"), "\(checked.output)")
            #expect(
                checked.output.contains("version \(StoreInspection.newestVersion), the newest")
                    && checked.output.contains("sound"))

            let file = world.folder.path + "/gateway.db"
            world.process.terminate()
            #expect(try await world.process.exitCode() == 0)
            #expect((try? StoreFile(path: file).size(of: "-wal")) ?? 0 == 0)
            // Without the log and with no gateway: the same answer, and no new file.
            for suffix in ["-wal", "-shm"] { unsafe unlink(file + suffix) }
            #expect(try await Self.run(world, "store", "check").output == checked.output)
            #expect(unsafe access(file + "-wal", F_OK) != 0 && access(file + "-shm", F_OK) != 0)

            for suffix in ["", "-wal", "-shm"] { unsafe unlink(file + suffix) }
            try FileManager.default.copyItem(atPath: backup, toPath: file)
            #expect(try await Self.run(world, "store", "check").code == 0)
            let next = try GatewayProcess(["serve", "--config", world.folder.path + "/gateway.yaml"], in: kept)
            _ = try await next.ports()
            let shown = try await Self.run(world, "installations", "show", Self.installation)
            #expect(shown.output.contains("acct_then"), "\(shown.output)")
            next.terminate()
            #expect(try await next.exitCode() == 0)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: backup)) == content)
        await standIn.stop()
    }

    @Test func `the commands refuse a store in memory, one that is not there, and a bad configuration`() async throws {
        for (extra, words, code) in [
            ("store: memory", "there is no file", 1), ("", "no store at", 1), ("colour: blue", "colour", 78),
        ] {
            let folder = try TestFolder()
            let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9", extra: extra)
            for command in [["check"], ["backup", folder.path + "/backup"]] {
                let done = try await GatewayProcess.run(["store"] + command + ["--config", file], in: folder)
                #expect(done.code == code && done.output.contains(words), "\(done.output)")
            }
            #expect(!folder.contents(folder.path).contains { $0.hasPrefix("gateway.db") || $0.hasPrefix("backup") })
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "only root can mount"))
    func `a backup to a full disk fails and leaves nothing`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9")
        await (try SQLiteStore(path: folder.path + "/gateway.db")).close()
        let disk = try SmallDisk(at: folder.temporary)
        defer { disk.unmount() }
        try StoreFile(path: "").fill(disk.path + "/filler")
        let words = ["store", "backup", disk.path + "/backup", "--config", file]
        let done = try await GatewayProcess.run(words, in: folder)
        #expect(done.code == 1 && done.output.contains("full"), "\(done.output)")
        #expect(folder.contents(disk.path) == ["filler"])
        #expect(unsafe unlink(disk.path + "/filler") == 0)
        #expect(try await GatewayProcess.run(words, in: folder).code == 0)
        #expect(folder.contents(disk.path) == ["backup"])
    }

    @Test(arguments: ["newer", "text", "mode", "directory"])
    func `check refuses the store that serve refuses, in the same words, and creates nothing`(_ trouble: String)
        async throws
    {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9")
        switch trouble {
        case "newer":
            try Self.makeNewer(folder.path + "/gateway.db")
            let checked = try await GatewayProcess.run(["store", "check", "--config", file], in: folder)
            #expect(checked.code == 1 && checked.output.contains("newer than this version knows"))
        case "text": try folder.write("gateway.db", String(repeating: "not a database ", count: 100))
        case "mode": try folder.write("gateway.db", "", mode: 0o640)
        default: #expect(unsafe chmod(folder.path, 0o777) == 0)
        }
        let before = folder.contents(folder.path).sorted()
        let checked = try await GatewayProcess.run(["check", "--config", file], in: folder)
        #expect(Set(folder.contents(folder.path)) == Set(before).union(["output"]))
        #expect(unsafe chmod(folder.path, trouble == "directory" ? 0o777 : 0o755) == 0)
        let served = try await GatewayProcess.run(["serve", "--config", file], in: folder)
        #expect(checked.code == 1 && served.code == 1)
        #expect(checked.output.contains("the store cannot be used: "))
        #expect(served.output.contains(Self.problem(checked.output)), "\(checked.output) \(served.output)")
    }

    /// The text of a failure, which `serve` writes as an event.
    private static func problem(_ output: String) -> String {
        output.replacing("sso-gateway: ", with: "").trimmingCharacters(in: .newlines)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can start a process as another user"))
    func `check refuses a directory in which serve could not write`() async throws {
        let identity = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9")
        for name in ["gateway.yaml", "keys.json", "secret"] {
            #expect(unsafe chown("\(folder.path)/\(name)", 65534, 65534) == 0)
        }
        #expect(unsafe chmod(folder.path, 0o755) == 0)
        var outputs: [String] = []
        for command in ["check", "serve"] {
            let process = try GatewayProcess([command, "--config", file], in: folder, prefix: identity)
            #expect(try await process.exitCode() == 1)
            outputs.append(process.output)
        }
        #expect(outputs[0].contains("cannot write to the directory \(folder.path): Permission denied"))
        #expect(outputs[1].contains(Self.problem(outputs[0])), "\(outputs)")
        // Root checks for the directory's owner.
        for name in ["keys.json", "secret"] { #expect(unsafe chown("\(folder.path)/\(name)", 0, 65534) == 0) }
        try folder.write("gateway.db", "")
        for (owner, code) in [(uid_t(65534), Int32(0)), (1234, 1)] {
            #expect(unsafe chown(folder.path, 65534, 65534) == 0)
            #expect(unsafe chown(folder.path + "/gateway.db", owner, 65534) == 0)
            let checked = try await GatewayProcess.run(["check", "--config", file], in: folder)
            #expect(checked.code == code, "\(checked.output)")
        }
    }

    /// A file with the tables of a version that is yet to come.
    private static func makeNewer(_ path: String) throws {
        let words = [
            "python3", "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('CREATE TABLE schema_version (version BIGINT NOT NULL)'); c.execute('INSERT INTO schema_version VALUES (99)'); c.commit()",
            path,
        ]
        let child = try #require(ChildProcess(words, in: "/", output: "/dev/null"))
        #expect(child.wait())
        #expect(unsafe chmod(path, 0o600) == 0)
    }

    @Test func `after rotate, reseal and retire a stored token is still used`() async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn) { world in
            let (ring, folder) = (world.folder.path + "/keys.json", try TestFolder())
            func keys(_ words: String...) async throws -> String {
                let done = try await GatewayProcess.run(["keys"] + words + ["--key-ring", ring], in: folder)
                #expect(done.code == 0, "\(done.output)")
                return done.output
            }
            let old = String(try await keys("list").split(separator: "\n")[1].prefix { $0 != " " })
            let token = try folder.write("token", ProcessWorld.installationToken)
            let put = try await Self.run(world, "installations", "put", Self.installation, "--token-file", token)
            #expect(put.code == 0, "\(put.output)")
            _ = try await keys("rotate")
            // The gateway has not read the new ring: the command says so.
            let early = try await Self.run(world, "installations", "reseal")
            #expect(early.code == 1 && early.output.contains("reload the gateway"), "\(early.output)")
            _ = try await world.reload("configuration_reloaded")
            let done = try await Self.run(world, "installations", "reseal")
            #expect(done.code == 0 && done.output.hasPrefix("1 resealed, 0 current, 0 unreadable."), "\(done.output)")
            #expect(world.process.output.contains("tokens_resealed"))
            let again = try await Self.run(world, "installations", "reseal")
            #expect(again.output.hasPrefix("0 resealed, 1 current, 0 unreadable."), "\(again.output)")
            _ = try await keys("retire", old)
            _ = try await world.reload("configuration_reloaded")
            let rotated = try await Self.run(world, "installations", "rotate", Self.installation)
            #expect(rotated.code == 0 && rotated.output.contains("expires in"), "\(rotated.output)")
            #expect(!world.process.output.contains("token_unreadable"))
            for text in [early.output, done.output, world.process.output] {
                #expect(!text.contains(ProcessWorld.installationToken))
            }
        }
        await standIn.stop()
    }
}
