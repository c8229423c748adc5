import GRDB
import Gateway
import Glibc
import Marketplace
import TestSupport
import Testing

@testable import Storage

/// Files that earlier versions left, under this version.
@Suite struct UpgradeTests {
    @Test func `there is a file of every version`() {
        #expect(OldStores.versions == Array(1...StoreMigrations.newest))
    }

    @Test(arguments: OldStores.versions)
    func `a file of each version keeps all that it holds`(_ version: Int) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        try OldStores.write(version, to: path)
        let store = try SQLiteStore(path: path)
        let changes = try await store.changes(after: 0, limit: 99)
        let ada = MemberKey(integration: "live", installationID: "icfg_1", userID: "ada")
        let ben = MemberKey(integration: "live", installationID: "icfg_1", userID: "ben")
        let first = InstallationKey(integration: "live", installationID: "icfg_1")
        let second = InstallationKey(integration: "live", installationID: "icfg_2")
        #expect(
            changes.map(\.record) == [
                .installation(
                    Installation(
                        key: first, accountID: "team_1", accountName: "Zoë's “team”",
                        accountURL: "https://vercel.test/d", status: .active, sealedToken: "0a1b2c3d.c2VhbGVk",
                        changedAt: 1_700_000_000_000)),
                .installation(Installation(key: second, status: .removed, changedAt: 1_700_000_000_001)),
                .member(
                    MemberState(member: ada, role: .admin, checkedAt: 1_700_000_000, changedAt: 1_700_000_000_000)),
                .member(MemberState(member: ben, role: nil, checkedAt: 1_700_000_001, changedAt: 1_700_000_001_000)),
                .revocation(Revocation(scope: .member(ben), issuedUpTo: 1_700_000_001, until: 1_700_030_000)),
                .revocation(Revocation(scope: .everything, issuedUpTo: 1_600_000_000, until: 1_600_030_000)),
            ])
        #expect(changes.map(\.number) == [2, 3, 4, 5, 6, 7])
        let seen = SeenWebhook(integration: "live", id: "evt_1", until: .max)
        #expect(try await store.receive(seen, writing: []) == nil)
        let next = try await store.write([.revocation(Revocation(scope: .member(ada), issuedUpTo: 1, until: 2))])
        #expect(next.map(\.number) == [8])
        await store.close()
    }

    @Test(arguments: OldStores.versions)
    func `a file of each version gets the tables of a new one`(_ version: Int) async throws {
        func tables(_ path: String) async throws -> [String] {
            await (try SQLiteStore(path: path)).close()
            let file = try DatabaseQueue(path: path)
            defer { try? file.close() }
            return try await file.read {
                try String.fetchAll($0, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            }
        }
        let folder = try TemporaryFolder()
        try OldStores.write(version, to: folder.path("gateway.db"))
        let old = try await tables(folder.path("gateway.db"))
        #expect(try await tables(folder.path("new.db")) == old)
    }

    @Test(arguments: OldStores.versions)
    func `the tables change after a copy of the old file, and only then is there a copy`(_ version: Int) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        let copy = "\(path).before-\(StoreMigrations.newest)"
        try OldStores.write(version, to: path)
        for _ in 0..<2 {
            await (try SQLiteStore(path: path)).close()
            var status = stat()
            let exists = unsafe stat(copy, &status) == 0
            #expect(exists == (version < StoreMigrations.newest))
            guard exists else { continue }
            #expect(status.st_mode & 0o777 == 0o600)
            let found = try #require(try StoreInspection(of: copy))
            #expect(found.version == version && found.damage.isEmpty)
            #expect(found.rows.map(\.count) == [2, 2, 2, 1, 1])
        }
        #expect(unsafe access(copy + ".new", F_OK) != 0)
        // The way back leads on again.
        guard version < StoreMigrations.newest else { return }
        let again = try SQLiteStore(path: copy)
        #expect(try await again.changes(after: 0, limit: 99).count == 6)
        await again.close()
    }

    @Test func `without room for the copy the old file stays as it is`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        try OldStores.write(1, to: path)
        // In the copy's place: a directory cannot be replaced by a file.
        #expect(unsafe mkdir("\(path).before-\(StoreMigrations.newest)", 0o700) == 0)
        #expect {
            try SQLiteStore(path: path)
        } throws: {
            "\($0)".contains("cannot create \(path).before-")
        }
        #expect(try #require(try StoreInspection(of: path)).version == 1)
    }

    @Test func `a file with older tables is usable, but not for a command that only looks`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        try OldStores.write(StoreMigrations.newest - 1, to: path)
        try StoreInspection.checkUsable(path)
        #expect {
            try StoreInspection.checkCurrent(path)
        } throws: {
            "\($0)".contains("the next start of a gateway")
        }
        try SQLiteStoreFixture.close(path)
        try StoreInspection.checkCurrent(path)
    }

    @Test func `a new file needs no copy`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        await (try SQLiteStore(path: path)).close()
        #expect(unsafe access("\(path).before-\(StoreMigrations.newest)", F_OK) != 0)
    }
}
