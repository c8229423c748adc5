import Gateway
import Marketplace
import OpenSSLCrypto
import PostgreSQLClient
import TestSupport
import Testing

@testable import Storage

/// A store of every make, fresh.
enum StoreMaker: CaseIterable, Sendable {
    case memory, sqlite, postgreSQL

    func with<Result>(_ body: (any Store) async throws -> Result) async throws -> Result {
        switch self {
        case .memory: return try await body(MemoryStore())
        case .sqlite:
            let folder = try TemporaryFolder()
            let store = try SQLiteStore(path: folder.path("gateway.db"))
            let result = try await body(store)
            await store.close()
            return result
        case .postgreSQL:
            let store = try PostgreSQLStore(PostgreSQLAddress(PostgreSQLServer.shared.get().database()))
            let result = try await body(store)
            await store.close()
            return result
        }
    }
}

/// What every store promises, whoever makes it.
@Suite struct StoreTests {
    static let member = MemberKey(integration: "live", installationID: "icfg_1", userID: "u")
    static let key = InstallationKey(integration: "live", installationID: "icfg_1")

    static func state(_ role: MemberRole?, checked: Int64, changed: Int64) -> MemberState {
        MemberState(member: member, role: role, checkedAt: checked, changedAt: changed)
    }

    @Test(arguments: StoreMaker.allCases)
    func `what was written is there, whole, and read back the same`(_ maker: StoreMaker) async throws {
        try await maker.with { store async throws in
            let installation = Installation(
                key: Self.key, accountID: "team_1", accountName: "Zoë's “team”", accountURL: nil,
                status: .removing,
                sealedToken: "0a1b2c3d.abc", changedAt: 1, region: "eu")
            let state = Self.state(nil, checked: 2, changed: 3)
            let scopes: [Revocation.Scope] = [
                .session(SessionID(.secure)), .member(Self.member), .installation(Self.key), .everything,
            ]
            let revocations = scopes.map { Revocation(scope: $0, issuedUpTo: 5, until: 6) }
            let changes = try await store.write(
                [.installation(installation), .member(state)] + revocations.map { .revocation($0) })
            let records: [StoreChange.Record] =
                [.installation(installation), .member(state)] + revocations.map { .revocation($0) }
            #expect(changes.map(\.record) == records)
            #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.number < $1.number })
            #expect(try await store.changes(after: 0, limit: 100) == changes)
            #expect(try await store.installation(Self.key) == installation)
            #expect(try await store.installations() == [installation])
            #expect(try await store.member(Self.member) == state)
            let changed = Installation(
                key: Self.key, accountID: "team_2", accountName: "b", accountURL: "c", sealedToken: "d", changedAt: 7,
                region: "us")
            try await store.write([.installation(changed)])
            #expect(try await store.installation(Self.key) == changed)
        }
    }

    @Test(arguments: ["'; DROP TABLE member; --", "%s%n%x", "\"", "?1", ":a", "\\", "Robert');"])
    func `RT-85: text that a database command could take for its own is stored as text`(_ text: String) async throws {
        for maker in StoreMaker.allCases {
            try await maker.with { store async throws in
                let key = MemberKey(integration: text, installationID: text, userID: text)
                try await store.write([
                    .member(MemberState(member: key, role: .admin, checkedAt: 1, changedAt: 1)),
                    .member(Self.state(.user, checked: 1, changed: 1)),
                    .installation(
                        Installation(
                            key: InstallationKey(integration: text, installationID: text), accountID: text,
                            accountName: text, accountURL: nil, status: .active, sealedToken: text, changedAt: 1)),
                ])
                let (stored, other) = (try await store.member(key), try await store.member(Self.member))
                #expect(stored?.member == key && stored?.role == .admin && other?.role == .user)
                let installation = try await store.installation(
                    InstallationKey(integration: text, installationID: text))
                #expect(installation?.accountName == text && installation?.sealedToken == text)
            }
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func `an older word about a member changes nothing, a newer one does`(_ maker: StoreMaker) async throws {
        try await maker.with { store async throws in
            try await store.write([.member(Self.state(.admin, checked: 10, changed: 10_000))])
            #expect(try await store.write([.member(Self.state(.user, checked: 11, changed: 9_999))]).isEmpty)
            #expect(try await store.member(Self.member)?.role == .admin)
            try await store.write([.member(Self.state(nil, checked: 9, changed: 10_001))])
            #expect(try await store.member(Self.member) == Self.state(nil, checked: 10, changed: 10_001))
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func `a revocation only ever widens`(_ maker: StoreMaker) async throws {
        try await maker.with { store async throws in
            try await store.write([.revocation(Revocation(scope: .member(Self.member), issuedUpTo: 10, until: 20))])
            let narrower = Revocation(scope: .member(Self.member), issuedUpTo: 9, until: 19)
            #expect(try await store.write([.revocation(narrower)]).isEmpty)
            let changes = try await store.write([
                .revocation(Revocation(scope: .member(Self.member), issuedUpTo: 9, until: 30))
            ])
            #expect(
                changes.map(\.record) == [
                    .revocation(Revocation(scope: .member(Self.member), issuedUpTo: 10, until: 30))
                ])
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func `an installation is changed from what is stored`(_ maker: StoreMaker) async throws {
        try await maker.with { store async throws in
            try await store.write([.installation(Installation(key: Self.key, sealedToken: "t", changedAt: 10))])
            #expect(try await store.write([.installation(Installation(key: Self.key, changedAt: 9))]).isEmpty)
            try await store.write([
                .installation(Self.key) { stored in
                    var moved = stored
                    moved?.accountID = "team_2"
                    return moved
                }
            ])
            let stored = try await store.installation(Self.key)
            #expect(stored?.accountID == "team_2" && stored?.sealedToken == "t")
            let unknown = InstallationKey(integration: "live", installationID: "icfg_2")
            #expect(try await store.write([.installation(unknown) { $0 }]).isEmpty)
            #expect(try await store.installation(unknown) == nil)
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func `a webhook is received once, and what came with it is written with it`(_ maker: StoreMaker) async throws {
        try await maker.with { store async throws in
            let webhook = SeenWebhook(integration: "live", id: "evt_1", until: 100)
            #expect(
                try await store.receive(webhook, writing: [.member(Self.state(.user, checked: 1, changed: 1))]) != nil)
            #expect(
                try await store.receive(webhook, writing: [.member(Self.state(.admin, checked: 2, changed: 2))]) == nil)
            #expect(try await store.member(Self.member)?.role == .user)
            let sandbox = SeenWebhook(integration: "sandbox", id: "evt_1", until: 100)
            #expect(try await store.receive(sandbox, writing: []) == [])
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func `changes come a page at a time, each record once, as it is now`(_ maker: StoreMaker) async throws {
        try await maker.with { store async throws in
            for number in 0..<25 {
                let key = InstallationKey(integration: "live", installationID: "icfg_\(number % 20)")
                try await store.write([.installation(Installation(key: key, changedAt: Int64(number)))])
            }
            var seen: [StoreChange] = []
            while case let page = try await store.changes(after: seen.last?.number ?? 0, limit: 7), !page.isEmpty {
                #expect(page.count <= 7)
                seen += page
            }
            #expect(seen.count == 20)
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.number < $1.number })
            let times = seen.compactMap {
                if case .installation(let value) = $0.record { value.changedAt } else { nil }
            }
            #expect(Set(times) == Set(5..<25))
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func `RT-45 of fifty who bring one code at once exactly one is first`(_ maker: StoreMaker) async throws {
        try await maker.with { store async throws in
            let code = CodeDigest(SecureRandom.bytes(16))
            let firsts = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await store.enter(code, now: 0, until: 600) == .first }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(firsts == 1)
            let session = SessionID(.secure)
            #expect(try await store.enter(code, now: 1, until: 601) == .unfinished(keptUntil: 600))
            try await store.complete(code, with: session)
            #expect(try await store.enter(code, now: 599, until: 1199) == .usedFor(session))
            #expect(try await store.enter(code, now: 600, until: 1200) == .first)
            #expect(try await store.enter(code, now: 601, until: 1201) == .unfinished(keptUntil: 1200))
            try await store.complete(code, with: nil)
            #expect(try await store.enter(code, now: 602, until: 1202) == .spent)
            let unknown = CodeDigest(SecureRandom.bytes(16))
            try await store.complete(unknown, with: session)
            #expect(try await store.enter(unknown, now: 602, until: 1202) == .first)
        }
    }

    /// PostgreSQL reads them in common statements.
    @Test(arguments: StoreMaker.allCases)
    func `installations that are read at the same time are not mixed up`(_ maker: StoreMaker) async throws {
        try await maker.with { store async throws in
            let keys = (0..<100).map { InstallationKey(integration: "live\($0 % 3)", installationID: "icfg_\($0 / 2)") }
            let stored = keys.filter { $0.integration != "live2" }
            try await store.write(
                stored.map { .installation(Installation(key: $0, accountID: "\($0)", changedAt: 1)) })
            let found = try await withThrowingTaskGroup(of: (InstallationKey, Installation?).self) { group in
                for key in keys + keys { group.addTask { (key, try await store.installation(key)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(found.count == 200)
            for (key, installation) in found {
                #expect(installation?.key == (stored.contains(key) ? key : nil))
                #expect(installation?.accountID == (stored.contains(key) ? "\(key)" : nil))
            }
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func `what is over is forgotten, the rest stays`(_ maker: StoreMaker) async throws {
        try await maker.with { store async throws in
            let old = Revocation(scope: .session(SessionID(.secure)), issuedUpTo: 1, until: 100)
            let young = Revocation(scope: .session(SessionID(.secure)), issuedUpTo: 1, until: 101)
            try await store.write([
                .revocation(old), .revocation(young), .member(Self.state(.user, checked: 49, changed: 1)),
                .installation(Installation(key: Self.key, changedAt: 1)),
            ])
            let webhook = SeenWebhook(integration: "live", id: "evt_1", until: 100)
            _ = try await store.receive(webhook, writing: [])
            try await store.forget(now: 100, membersCheckedBefore: 50)
            let records = try await store.changes(after: 0, limit: 9).map(\.record)
            #expect(records == [.revocation(young), .installation(Installation(key: Self.key, changedAt: 1))])
            #expect(try await store.receive(webhook, writing: []) != nil)
        }
    }

    @Test func `text that a database would cut is refused`() async throws {
        try await StoreMaker.sqlite.with { store async throws in
            try await store.write([.installation(Installation(key: Self.key, accountID: "a", changedAt: 1))])
            let cut = InstallationKey(integration: "live", installationID: "icfg_1\u{0}x")
            await #expect(throws: StoreError.unstorable("text with a NUL byte")) {
                try await store.write([.installation(Installation(key: cut, accountID: "b", changedAt: 2))])
            }
            #expect(try await store.installation(Self.key)?.accountID == "a")
        }
    }
}
