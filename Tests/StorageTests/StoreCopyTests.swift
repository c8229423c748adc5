import GRDB
import Gateway
import Glibc
import Marketplace
import TestSupport
import Testing

@testable import Storage

/// Looks at a store's file, and copies of it.
@Suite struct StoreCopyTests {
    private static func revocation() -> StoreWrite {
        .revocation(Revocation(scope: .session(SessionID(.secure)), issuedUpTo: 1, until: 2))
    }

    /// Everything in a directory, with sizes and times of writing.
    private func listing(_ folder: TemporaryFolder) -> [String] {
        ["gateway.db", "gateway.db-wal", "gateway.db-shm"].map { name in
            var status = stat()
            guard unsafe lstat(folder.path(name), &status) == 0 else { return "\(name): none" }
            return "\(name): \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        }
    }

    private func failure(_ path: String, _ target: String) -> String {
        do {
            let copied = try StoreCopy.backUp(path, to: target)
            return "copied: \(copied)"
        } catch { return error.description }
    }

    @Test func `a look finds every row and leaves every file alone, with a gateway and without`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        #expect(try StoreInspection(of: path) == nil)
        #expect(listing(folder).allSatisfy { $0.hasSuffix("none") })
        let store = try SQLiteStore(path: path)
        try await store.write([Self.revocation(), Self.revocation()])
        var before = listing(folder)
        #expect(try #require(try StoreInspection(of: path)).rows.map(\.count) == [0, 0, 2, 0, 0])
        #expect(listing(folder).prefix(2) == before.prefix(2))
        await store.close()
        before = listing(folder)
        #expect(before[1].hasSuffix("none"))
        let found = try #require(try StoreInspection(of: path))
        #expect(found.rows.map(\.count) == [0, 0, 2, 0, 0])
        #expect(found.version == StoreMigrations.newest && found.damage.isEmpty)
        try StoreInspection.checkUsable(path)
        #expect(listing(folder) == before)
    }

    @Test func `a look reads a name that a URI would read otherwise`() throws {
        let folder = try TemporaryFolder()
        for name in ["a b", "a?mode=memory", "a#b", "a%41", "ü"] {
            try SQLiteStoreFixture.close(folder.path(name))
            #expect(
                try #require(try StoreInspection(of: folder.path(name))).version == StoreMigrations.newest, "\(name)")
        }
    }

    @Test func `a look at a log without its index says so, and does not create one`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        let store = try SQLiteStore(path: folder.path("other.db"))
        try await store.write([Self.revocation()])
        for suffix in ["", "-wal"] { try Self.copyFile(folder.path("other.db") + suffix, to: path + suffix) }
        let before = listing(folder)
        #expect { try StoreInspection(of: path) } throws: { "\($0)".contains("-shm is missing") }
        try StoreInspection.checkUsable(path)
        #expect(listing(folder) == before)
        // The gateway's start does repair it.
        let repaired = try SQLiteStore(path: path)
        #expect(try await repaired.changes(after: 0, limit: 9).count == 1)
        await repaired.close()
        await store.close()
    }

    @Test func `damage is found`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        let store = try SQLiteStore(path: path)
        try await store.write((0..<200).map { _ in Self.revocation() })
        await store.close()
        let file = try DatabaseQueue(path: path)
        try await file.writeWithoutTransaction { database in
            let page = try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'code'") ?? 0
            let other =
                try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'webhook'") ?? 0
            try database.execute(sql: "PRAGMA writable_schema = 1")
            try database.execute(
                sql: "UPDATE sqlite_schema SET rootpage = ? WHERE rootpage = ?", arguments: [page, other])
        }
        try file.close()
        #expect(try #require(try StoreInspection(of: path)).damage.isEmpty == false)
        #expect(failure(path, folder.path("copy")) != "")
    }

    @Test func `a start that would be refused is refused before, with the same text`() async throws {
        let folder = try TemporaryFolder()
        func make(_ name: String, _ change: (String) async throws -> Void) async throws {
            try SQLiteStoreFixture.close(folder.path(name))
            try await change(folder.path(name))
        }
        try await make("newer") { path in
            let file = try DatabaseQueue(path: path)
            try await file.write { try $0.execute(sql: "UPDATE schema_version SET version = 99") }
            try file.close()
        }
        try await make("impossible") { path in
            let file = try DatabaseQueue(path: path)
            try await file.write { try $0.execute(sql: "UPDATE schema_version SET version = -1") }
            try file.close()
        }
        try await make("read") { #expect(unsafe chmod($0, 0o644) == 0) }
        try await make("linked") { #expect(unsafe link($0, $0 + "2") == 0) }
        #expect(unsafe symlink(folder.path("newer"), folder.path("link")) == 0)
        _ = try folder.write("text", String(repeating: "not a database ", count: 100))
        #expect(unsafe mkdir(folder.path("open"), 0o700) == 0 && chmod(folder.path("open"), 0o777) == 0)
        for (name, words) in [
            ("newer", "version 99"), ("impossible", "version -1"), ("read", "can be read by others"),
            ("linked", "hard link"), ("link", "symbolic link"), ("text", "not a database"),
            ("open/gateway.db", "can be written by others"), ("none/gateway.db", "No such file"),
        ] {
            func refusal(_ work: () throws -> Void) -> String {
                do { try work() } catch { return "\(error)" }
                return "none"
            }
            let checked = refusal { try StoreInspection.checkUsable(folder.path(name)) }
            #expect(checked.contains(words), "\(name): \(checked)")
            #expect(refusal { _ = try SQLiteStore(path: folder.path(name)) } == checked)
        }
    }

    @Test func `a backup beside a writing gateway is complete, for its owner alone, and opens as a store`()
        async throws
    {
        let folder = try TemporaryFolder()
        let (path, target) = (folder.path("gateway.db"), folder.path("backup.db"))
        let store = try SQLiteStore(path: path)
        let written = try await store.write([Self.revocation(), Self.revocation()])
        let writing = Task {
            while !Task.isCancelled { try await store.write([Self.revocation()]) }
        }
        let copied = try StoreCopy.backUp(path, to: target)
        writing.cancel()
        _ = await writing.result
        #expect(copied.version == StoreMigrations.newest)
        #expect(copied.rows[2].count >= 2)
        var status = stat()
        #expect(unsafe stat(target, &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_nlink == 1)
        for rest in [".new", "-wal", "-shm", "-journal"] { #expect(unsafe access(target + rest, F_OK) != 0, "\(rest)") }
        let backup = try SQLiteStore(path: target)
        let changes = try await backup.changes(after: 0, limit: .max)
        #expect(Array(changes.prefix(2)) == written && changes.count == copied.rows[2].count)
        await backup.close()
        await store.close()
    }

    @Test func `without a gateway a backup has what the last one left, killed or stopped`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        let store = try SQLiteStore(path: path)
        try await store.write([Self.revocation()])
        // What a killed process leaves: the file, its log, and no lock.
        #expect(unsafe mkdir(folder.path("killed"), 0o700) == 0)
        for suffix in ["", "-wal", "-shm"] {
            try Self.copyFile(path + suffix, to: folder.path("killed/gateway.db") + suffix)
        }
        await store.close()
        let killed = folder.path("killed/gateway.db")
        #expect(try #require(try StoreInspection(of: killed)).rows.map(\.count) == [0, 0, 1, 0, 0])
        for (source, target) in [(path, "one"), (killed, "two")] {
            #expect(try StoreCopy.backUp(source, to: folder.path(target)).rows.map(\.count) == [0, 0, 1, 0, 0])
        }
    }

    @Test func `a backup never replaces a file, and leaves nothing after a refusal`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        #expect(failure(path, folder.path("backup")).contains("no store at \(path) yet"))
        #expect(unsafe access(path, F_OK) != 0)
        try SQLiteStoreFixture.close(path)
        _ = try folder.write("kept", "kept")
        #expect(failure(path, folder.path("kept")).contains("exists"))
        #expect(unsafe symlink(folder.path("elsewhere"), folder.path("link")) == 0)
        #expect(failure(path, folder.path("link")).contains("exists"))
        #expect(failure(path, folder.path("none/backup")).contains("No such file"))
        #expect(unsafe mkdir(folder.path("open"), 0o700) == 0 && chmod(folder.path("open"), 0o777) == 0)
        #expect(failure(path, folder.path("open/backup")).contains("other users can write"))
        _ = try folder.write("late.new", "")
        #expect(failure(path, folder.path("late")).contains("cut off"))
        _ = try folder.write("text.db", String(repeating: "not a database ", count: 100))
        #expect(failure(folder.path("text.db"), folder.path("backup")).contains("not a database"))
        for name in ["backup", "backup.new", "kept.new", "open/backup.new", "elsewhere"] {
            #expect(unsafe access(folder.path(name), F_OK) != 0, "\(name)")
        }
    }

    @Test func `after a stop the file alone is complete, also while another gateway has it open`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        let (stopping, staying) = (try SQLiteStore(path: path), try SQLiteStore(path: path))
        let written = try await stopping.write([Self.revocation()])
        await stopping.close()
        try Self.copyFile(path, to: folder.path("copy.db"))
        let copy = try SQLiteStore(path: folder.path("copy.db"))
        #expect(try await copy.changes(after: 0, limit: 9) == written)
        await copy.close()
        try await staying.write([Self.revocation()])
        #expect(try await staying.changes(after: 0, limit: 9).count == 2)
        await staying.close()
        var status = stat()
        #expect(unsafe stat(path + "-wal", &status) != 0 || status.st_size == 0)
    }

    private static func copyFile(_ path: String, to target: String) throws {
        let (from, to) = (unsafe open(path, O_RDONLY), unsafe open(target, O_WRONLY | O_CREAT | O_EXCL, 0o600))
        defer {
            close(from)
            close(to)
        }
        try #require(from >= 0 && to >= 0)
        while true {
            let count = sendfile(to, from, nil, 1 << 20)
            try #require(count >= 0)
            if count == 0 { return }
        }
    }
}
