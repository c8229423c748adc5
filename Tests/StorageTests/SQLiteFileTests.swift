import GRDB
import Gateway
import Glibc
import Marketplace
import TestSupport
import Testing

@testable import Storage

/// What SQLite's file must be like, and what it may have been before.
@Suite struct SQLiteFileTests {
    private func refusal(_ path: String) -> String {
        do {
            let store = try SQLiteStore(path: path)
            Issue.record("\(store) was opened")
            return ""
        } catch { return error.description }
    }

    @Test func `the file and what SQLite puts beside it are for its owner alone`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        let store = try SQLiteStore(path: path)
        try await store.write([.revocation(Revocation(scope: .everything, issuedUpTo: 1, until: 2))])
        for file in [path, path + "-wal", path + "-shm"] {
            var status = stat()
            #expect(unsafe stat(file, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600, "\(file)")
        }
        await store.close()
    }

    @Test func `a link in the file's place is refused`() throws {
        let folder = try TemporaryFolder()
        try SQLiteStoreFixture.close(folder.path("real.db"))
        for name in ["gateway.db", "other.db-wal"] {
            #expect(unsafe symlink(folder.path("real.db"), folder.path(name)) == 0)
        }
        #expect(refusal(folder.path("gateway.db")).contains("symbolic link"))
        #expect(refusal(folder.path("other.db")).contains("symbolic link"))
        #expect(unsafe link(folder.path("real.db"), folder.path("hard.db")) == 0)
        #expect(refusal(folder.path("hard.db")).contains("hard link"))
    }

    @Test func `a directory that others can write to, or that is a link, is refused`() throws {
        let folder = try TemporaryFolder()
        #expect(unsafe mkdir(folder.path("shared"), 0o700) == 0 && chmod(folder.path("shared"), 0o770) == 0)
        #expect(refusal(folder.path("shared/gateway.db")).contains("can be written by others"))
        #expect(unsafe access(folder.path("shared/gateway.db"), F_OK) != 0)
        #expect(unsafe symlink(folder.root, folder.path("way")) == 0)
        #expect(refusal(folder.path("way/gateway.db")).contains("cannot open the directory"))
        #expect(refusal(folder.path("none/gateway.db")).contains("No such file"))
    }

    @Test func `a file that others can read, or that is no plain file, is refused`() throws {
        let folder = try TemporaryFolder()
        try SQLiteStoreFixture.close(folder.path("gateway.db"))
        #expect(unsafe chmod(folder.path("gateway.db"), 0o640) == 0)
        #expect(refusal(folder.path("gateway.db")).contains("can be read by others"))
        #expect(unsafe mkfifo(folder.path("pipe.db"), 0o600) == 0)
        #expect(refusal(folder.path("pipe.db")).contains("not a plain file"))
    }

    @Test func `a file that is no database is refused`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("gateway.db", String(repeating: "not a database ", count: 100))
        #expect(unsafe chmod(path, 0o600) == 0)
        #expect(refusal(path).contains("not a database"))
    }

    @Test func `an old file is brought up to date with all that it holds`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        let old = try SQLiteStore(path: path, migratingTo: 1)
        let written = try await old.write([.member(StoreTests.state(.admin, checked: 1, changed: 2))])
        await old.close()
        let new = try SQLiteStore(path: path)
        #expect(try await new.changes(after: 0, limit: 9) == written)
        await new.close()
        let file = try DatabaseQueue(path: path)
        let version = try await file.read { try Int.fetchAll($0, sql: "SELECT version FROM schema_version") }
        #expect(version == [StoreMigrations.newest])
        try file.close()
    }

    @Test func `every step from every older version leads to the same tables`() async throws {
        var schemas: Set<[String]> = []
        for version in 0...StoreMigrations.newest {
            let folder = try TemporaryFolder()
            await (try SQLiteStore(path: folder.path("gateway.db"), migratingTo: version)).close()
            await (try SQLiteStore(path: folder.path("gateway.db"))).close()
            let file = try DatabaseQueue(path: folder.path("gateway.db"))
            schemas.insert(
                try await file.read {
                    try String.fetchAll($0, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
                })
            try file.close()
        }
        #expect(schemas.count == 1)
    }

    @Test func `a file of a newer version is left alone`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        try SQLiteStoreFixture.close(path)
        let file = try DatabaseQueue(path: path)
        try await file.write { try $0.execute(sql: "UPDATE schema_version SET version = 99") }
        try file.close()
        #expect(refusal(path).contains("version 99"))
    }

    @Test func `two who open one file write to it in turn and see each other's changes`() async throws {
        let folder = try TemporaryFolder()
        let stores = try (0..<2).map { _ in try SQLiteStore(path: folder.path("gateway.db")) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in stores {
                group.addTask {
                    for _ in 0..<50 {
                        try await store.write([
                            .revocation(Revocation(scope: .session(SessionID(.secure)), issuedUpTo: 1, until: 2))
                        ])
                    }
                }
            }
            try await group.waitForAll()
        }
        let seen = try await stores[0].changes(after: 0, limit: 1000)
        #expect(seen.map(\.number) == Array(1...100))
        #expect(try await stores[1].changes(after: 0, limit: 1000) == seen)
        for store in stores { await store.close() }
        await #expect(throws: StoreError.self) { try await stores[0].installations() }
    }
}

enum SQLiteStoreFixture {
    /// A fresh file that nobody has open.
    static func close(_ path: String) throws {
        let store = try SQLiteStore(path: path)
        try store.closeNow()
    }
}
