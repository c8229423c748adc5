import GRDB
import Gateway
import Glibc
import Marketplace
import TestSupport
import Testing

@testable import Storage

/// What becomes of a store whose file, disk or neighbours misbehave: an error of the right kind, nothing half written, and
/// afterwards it goes on.
@Suite struct SQLiteFailureTests {
    private static func revocation() -> StoreWrite {
        .revocation(Revocation(scope: .session(SessionID(.secure)), issuedUpTo: 1, until: 2))
    }

    /// Three records in one piece, of which the last is large.
    private static func writes(_ number: Int) -> [StoreWrite] {
        let key = InstallationKey(integration: "live", installationID: "icfg_\(number)")
        let text = String(repeating: "x", count: 20_000)
        return [revocation(), revocation(), .installation(Installation(key: key, sealedToken: text, changedAt: 1))]
    }

    private func failure(_ work: () async throws(StoreError) -> Void) async -> String {
        do throws(StoreError) {
            try await work()
            return "none"
        } catch {
            return switch error {
            case .unavailable(let why): "unavailable: \(why)"
            case .unreadable(let why): "unreadable: \(why)"
            case .unstorable(let why): "unstorable: \(why)"
            case .closed: "closed"
            }
        }
    }

    @Test func `a full disk refuses whole writes, and the next ones are taken when there is room`() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.path("gateway.db"))
        try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 60") }
        var written = 0
        var why = "none"
        while why == "none", written < 100 {
            let number = written
            why = await failure { () async throws(StoreError) in try await store.write(Self.writes(number)) }
            if why == "none" { written += 1 }
        }
        #expect(why.hasPrefix("unavailable: 13 "), "\(why)")
        #expect(!why.contains("INSERT") && !why.contains("xxx"))
        #expect(written > 1 && written < 100)
        #expect(try await store.changes(after: 0, limit: .max).count == 3 * written)
        try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
        let changes = try await store.write(Self.writes(written))
        #expect(changes.count == 3 && changes[0].number == Int64(3 * written) + 1)
        await store.close()
    }

    @Test func `a file that may only be read is read`() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.path("gateway.db"))
        try await store.write([Self.revocation()])
        try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = 1") }
        let why = await failure { () async throws(StoreError) in try await store.write([Self.revocation()]) }
        #expect(why.hasPrefix("unavailable: 8 "), "\(why)")
        #expect(try await store.changes(after: 0, limit: 9).count == 1)
        await store.close()
    }

    @Test func `while another process holds the lock, reading goes on and a write gives up after a time`() async throws
    {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(
            path: folder.path("gateway.db"), migratingTo: StoreMigrations.newest, patience: .milliseconds(200))
        try await store.write([Self.revocation()])
        var holding = Configuration()
        holding.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder.path("gateway.db"), configuration: holding)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        for _ in 0..<3 {
            let why = await failure { () async throws(StoreError) in try await store.write([Self.revocation()]) }
            #expect(why.hasPrefix("unavailable: 5 "), "\(why)")
            #expect(try await store.changes(after: 0, limit: 9).count == 1)
        }
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        #expect(try await store.write([Self.revocation()]).map(\.number) == [2])
        try other.close()
        await store.close()
    }

    @Test func `RT-113: writes wait for a lock beside each other, not one behind the other`() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(
            path: folder.path("gateway.db"), migratingTo: StoreMigrations.newest, patience: .milliseconds(400))
        var holding = Configuration()
        holding.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder.path("gateway.db"), configuration: holding)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        let began = ContinuousClock.now
        let reasons = await withTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await failure { () async throws(StoreError) in try await store.write([Self.revocation()]) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Eight seconds one behind the other.
        #expect(ContinuousClock.now - began < .seconds(6))
        #expect(reasons.count == 20 && reasons.allSatisfy { $0.hasPrefix("unavailable: ") }, "\(reasons)")
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        #expect(try await store.write([Self.revocation()]).count == 1)
        try other.close()
        await store.close()
    }

    /// What is written to a file without a name is acknowledged and lost.
    @Test(arguments: [false, true])
    func `a file that was deleted or replaced is no store any more`(_ isReplaced: Bool) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        let store = try SQLiteStore(path: path)
        try await store.write([Self.revocation()])
        if isReplaced {
            try SQLiteStoreFixture.close(folder.path("restored.db"))
            #expect(unsafe rename(folder.path("restored.db"), path) == 0)
        } else {
            #expect(unsafe unlink(path) == 0)
        }
        for _ in 0..<2 {
            let writing = await failure { () async throws(StoreError) in try await store.write([Self.revocation()]) }
            let reading = await failure { () async throws(StoreError) in _ = try await store.changes(after: 0, limit: 9)
            }
            #expect(writing.hasPrefix("unavailable: its file was taken away") && reading == writing)
        }
        await store.close()
    }

    @Test func `a damaged file is told from one that is busy`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        let store = try SQLiteStore(path: path)
        for number in 0..<10 { try await store.write(Self.writes(number)) }
        await store.close()
        let descriptor = unsafe open(path, O_WRONLY)
        var status = stat()
        #expect(unsafe fstat(descriptor, &status) == 0)
        // Everything behind the first page, which says what there is.
        let damage = [UInt8](repeating: 0xa5, count: Int(status.st_size) - 4096)
        #expect(unsafe pwrite(descriptor, damage, damage.count, 4096) == damage.count)
        close(descriptor)
        let why: String
        do {
            let damaged = try SQLiteStore(path: path)
            why = await failure { () async throws(StoreError) in _ = try await damaged.changes(after: 0, limit: .max) }
            await damaged.close()
        } catch { why = error.description }
        #expect(why.contains("11 database disk image is malformed"), "\(why)")
        #expect(why.hasPrefix("unreadable: ") || why.hasPrefix("the store cannot be used: "), "\(why)")
    }

    /// GRDB's `row[column]` stops the process at such a value.
    @Test(arguments: ["x'ff'", "'many'"])
    func `RT-131: a damaged value is told, and never read as another`(_ damage: String) async throws {
        let columns = [
            "change_sequence": ["number"],
            "installation": ["integration", "account_id", "status", "sealed_token", "changed_at", "change"],
            "member": ["integration", "role", "checked_at", "changed_at", "change"],
            "revocation": ["scope", "session_id", "issued_up_to", "keep_until", "change"],
            "code": ["session_id", "keep_until"],
        ]
        let mark = CodeDigest([UInt8](repeating: 1, count: 16))
        let key = InstallationKey(integration: "live", installationID: "icfg_1")
        let member = MemberKey(integration: "live", installationID: "icfg_1", userID: "u")
        for (table, names) in columns {
            for name in names {
                let isText = !["number", "changed_at", "checked_at", "change", "issued_up_to", "keep_until"].contains(
                    name)
                // Any text is what a text column may hold, but where only some words mean anything.
                if isText, damage != "x'ff'", !["status", "role", "scope", "session_id"].contains(name) { continue }
                let folder = try TemporaryFolder()
                let path = folder.path("gateway.db")
                let store = try SQLiteStore(path: path)
                try await store.write([
                    .installation(Installation(key: key, sealedToken: "t", changedAt: 1)),
                    .member(MemberState(member: member, role: .user, checkedAt: 1, changedAt: 1)), Self.revocation(),
                ])
                #expect(try await store.enter(mark, now: 0, until: .max) == .first)
                let other = try DatabaseQueue(path: path)
                try await other.write { try $0.execute(sql: "UPDATE \(table) SET \(name) = \(damage)") }
                try other.close()
                let why =
                    if table == "code" {
                        await failure { () async throws(StoreError) in
                            _ = try await store.enter(mark, now: 0, until: .max)
                        }
                    } else {
                        await failure { () async throws(StoreError) in _ = try await store.changes(after: 0, limit: 9) }
                    }
                #expect(why.hasPrefix("unreadable: "), "\(table).\(name): \(why)")
                await store.close()
            }
        }
    }
}
