import Gateway
import Glibc
import Locking
import Marketplace
import PostgreSQLClient
import TestSupport
import Testing

@testable import Storage

/// Several gateways at one PostgreSQL, which is stopped, killed or silent.
@Suite(.serialized) struct PostgreSQLStoreTests {
    private static func revocation(_ number: Int64 = 1) -> StoreWrite {
        .revocation(Revocation(scope: .session(SessionID(.secure)), issuedUpTo: number, until: .max))
    }

    private static func code() -> CodeDigest { CodeDigest((0..<16).map { _ in UInt8.random(in: 0...255) }) }

    private func eventually(_ limit: Duration = .seconds(30), _ condition: () async -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if await condition() { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    @Test func `ten gateways that start at once make the tables once`() async throws {
        let address = try PostgreSQLAddress(PostgreSQLServer.shared.get().database())
        let stores = try await withThrowingTaskGroup(of: PostgreSQLStore.self) { group in
            for _ in 0..<10 { group.addTask { try PostgreSQLStore(address) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for store in stores { try await store.write([Self.revocation()]) }
        #expect(try await stores[0].changes(after: 0, limit: .max).map(\.number) == Array(1...10))
        for store in stores { await store.close() }
    }

    @Test func `of a code that reaches three gateways at once exactly one exchanges it`() async throws {
        let address = try PostgreSQLAddress(PostgreSQLServer.shared.get().database())
        let stores = try (0..<3).map { _ in try PostgreSQLStore(address) }
        let firsts = Locked([CodeDigest: Int]())
        let codes = (0..<1000).map { _ in Self.code() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for code in codes {
                for store in stores {
                    group.addTask {
                        let entry = try await store.enter(code, now: 0, until: 600)
                        if entry == .first { firsts.withLock { $0[code, default: 0] += 1 } }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(firsts.withLock { $0.count } == 1000)
        #expect(firsts.withLock { $0.values.allSatisfy { $0 == 1 } })
        for store in stores { await store.close() }
    }

    @Test func `writers of several gateways never leave a gap behind a number that was read`() async throws {
        let address = try PostgreSQLAddress(PostgreSQLServer.shared.get().database())
        let stores = try (0..<3).map { _ in try PostgreSQLStore(address) }
        let reader = try PostgreSQLStore(address)
        let isWriting = Locked(true)
        async let seen = {
            var numbers: [Int64] = []
            var isLast = false
            while true {
                let changes = try await reader.changes(after: numbers.last ?? 0, limit: 7)
                numbers += changes.map(\.number)
                if changes.isEmpty {
                    if isLast { return numbers }
                    isLast = !isWriting.withLock { $0 }
                }
            }
        }()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in stores {
                for _ in 0..<100 { group.addTask { try await store.write([Self.revocation(), Self.revocation()]) } }
            }
            try await group.waitForAll()
        }
        isWriting.withLock { $0 = false }
        #expect(try await seen == Array(1...600))
        for store in stores + [reader] { await store.close() }
    }

    @Test func `a change is signalled to the other gateways at once, and without a signal within a second`()
        async throws
    {
        let server = try PostgreSQLServer.shared.get()
        let uri = try server.database("gateway_signals")
        let stores = try (0..<2).map { _ in try PostgreSQLStore(PostgreSQLAddress(uri)) }
        var signals = stores[1].changeSignals().makeAsyncIterator()
        // The next one may be the timer's; the one after a write must not be.
        await signals.next()
        // Each begins just behind the timer's signal, so without a notification all of them would wait for the next.
        var waits: [Duration] = []
        for _ in 0..<5 {
            let began = ContinuousClock.now
            try await stores[0].write([Self.revocation()])
            await signals.next()
            waits.append(ContinuousClock.now - began)
            await signals.next()
        }
        #expect(try #require(waits.min()) < .milliseconds(500), "\(waits)")
        // A write that notifies nobody, as after a broken connection.
        let unnotified = try await leastTime(until: .seconds(1)) {
            try server.query("UPDATE change_sequence SET number = number + 1", in: "gateway_signals")
            await signals.next()
        }
        #expect(unnotified < .seconds(1))
        for store in stores { await store.close() }
    }

    @Test func `a restart of the server fails no call, and a long outage fails calls in time`() async throws {
        let server = try PostgreSQLServer()
        let store = try PostgreSQLStore(PostgreSQLAddress(server.database()))
        try await store.write([Self.revocation()])
        for _ in 0..<3 {
            server.stop("fast")
            async let written = store.write([Self.revocation()])
            async let entered = store.enter(Self.code(), now: 0, until: 600)
            try server.start()
            let (changes, entry) = (try await written, try await entered)
            #expect(changes.count == 1 && entry == .first)
        }
        server.stop("immediate")
        let began = ContinuousClock.now
        let why = await #expect(throws: StoreError.self) { try await store.write([Self.revocation()]) }
        #expect("\(try #require(why))".hasPrefix("The store does not answer: "))
        #expect((.seconds(4)...(.seconds(12))).contains(ContinuousClock.now - began))
        try server.start()
        #expect(try await store.write([Self.revocation()]).map(\.number) == [5])
        await store.close()
    }

    @Test func `killing the server loses nothing that was acknowledged`() async throws {
        let server = try PostgreSQLServer()
        let uri = try server.database()
        let store = try PostgreSQLStore(PostgreSQLAddress(uri))
        var (acknowledged, codes): (Set<Int64>, [CodeDigest]) = ([], [])
        for round in 0..<5 {
            let end = ContinuousClock.now + .milliseconds(Int.random(in: 50...400))
            async let killed: Void = {
                try await Task.sleep(until: end, clock: .continuous)
                try server.kill()
            }()
            while ContinuousClock.now < end + .milliseconds(50) {
                let code = Self.code()
                do throws(StoreError) {
                    acknowledged.formUnion(try await store.write([Self.revocation(Int64(round))]).map(\.number))
                    if try await store.enter(code, now: 0, until: 600) == .first { codes.append(code) }
                } catch { break }
            }
            try await killed
            try server.start()
            let isBack = await eventually { (try? await store.installations()) != nil }
            #expect(isBack)
        }
        #expect(acknowledged.count > 20 && codes.count > 20)
        let stored = Set(try await store.changes(after: 0, limit: .max).map(\.number))
        #expect(acknowledged.isSubset(of: stored))
        for code in codes { #expect(try await store.enter(code, now: 0, until: 600) == .unfinished(keptUntil: 600)) }
        await store.close()
    }

    @Test func `a server that hangs fails the calls in time, and the gateway goes on when it answers again`()
        async throws
    {
        let server = try PostgreSQLServer()
        let store = try PostgreSQLStore(PostgreSQLAddress(server.database()))
        try await store.write([Self.revocation()])
        server.signal(SIGSTOP)
        let began = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    _ = await #expect(throws: StoreError.self) { try await store.write([Self.revocation()]) }
                    _ = await #expect(throws: StoreError.self) { try await store.installations() }
                }
            }
        }
        #expect(ContinuousClock.now - began < .seconds(30))
        server.signal(SIGCONT)
        let isBack = await eventually { (try? await store.write([Self.revocation()])) != nil }
        #expect(isBack)
        await store.close()
    }

    @Test func `a gateway that is cut off in a transaction blocks the others only for seconds`() async throws {
        let server = try PostgreSQLServer()
        let uri = try server.database("gateway_cut")
        let store = try PostgreSQLStore(PostgreSQLAddress(uri))
        let other = try PostgreSQLConnection(PostgreSQLAddress(uri), password: nil, patience: .seconds(6))
        try other.execute(Isolation.locked.begin ?? "")
        let isBack = await eventually { (try? await store.write([Self.revocation()])) != nil }
        #expect(isBack)
        await store.close()
    }

    @Test func `one call that cannot be stored does not fail the others of its group`() async throws {
        let store = try PostgreSQLStore(PostgreSQLAddress(PostgreSQLServer.shared.get().database()))
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let user = number % 10 == 0 ? "a\0b" : "user-\(number)"
                    let member = MemberKey(integration: "live", installationID: "icfg_1", userID: user)
                    let state = MemberState(member: member, role: .user, checkedAt: 1, changedAt: 1)
                    return (try? await store.write([.member(state)])) != nil
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count(where: \.self) == 45)
        #expect(try await store.changes(after: 0, limit: .max).count == 45)
        await store.close()
    }

    @Test func `a wrong database, password or version is said in words`() async throws {
        let server = try PostgreSQLServer(access: ["local all secret scram-sha-256"])
        let uri = try server.database("gateway_words")
        try server.query("CREATE ROLE secret LOGIN PASSWORD 'right'", in: "postgres")
        try server.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0", in: "postgres")
        let secret = uri.replacing("postgres@", with: "secret@")
        func refusal(_ uri: String, password: String? = nil) throws -> String {
            let error = #expect(throws: UnusableStore.self) {
                try PostgreSQLStore(PostgreSQLAddress(uri), password: { password })
            }
            return try #require(error).description
        }
        #expect(try refusal(server.address("nowhere")).contains("database \"nowhere\" does not exist"))
        #expect(try refusal(server.address("latin")).contains("encoding is not UTF8"))
        #expect(try refusal(secret, password: "wrong").contains("password authentication failed"))
        // The public schema is not everybody's since version 15.
        #expect(try refusal(secret, password: "right").contains("permission denied for schema public"))
        try server.query("GRANT ALL ON SCHEMA public TO secret", in: "gateway_words")
        let store = try PostgreSQLStore(PostgreSQLAddress(secret), password: { "right" })
        await store.close()
        try server.query("UPDATE schema_version SET version = 99", in: "gateway_words")
        #expect(try refusal(uri).contains("its tables are of version 99"))
    }

    @Test func `a start that fails keeps no connection`() async throws {
        let server = try PostgreSQLServer.shared.get()
        let database = "gateway_narrow"
        let uri = try server.database(database)
        try server.query("CREATE ROLE narrow LOGIN CONNECTION LIMIT 2", in: "postgres")
        try server.query("GRANT ALL ON SCHEMA public TO narrow", in: database)
        let error = #expect(throws: UnusableStore.self) {
            try PostgreSQLStore(PostgreSQLAddress(uri.replacing("postgres@", with: "narrow@")))
        }
        #expect(try #require(error).description.contains("too many connections for role"))
        let left = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'narrow'"
        let isGone = await eventually { (try? server.query(left, in: database)) == "0" }
        #expect(isGone)
    }

    @Test func `through a pooler that lends connections for single transactions everything works`() async throws {
        let server = try PostgreSQLServer()
        _ = try server.database("gateway_pooled")
        let pooler = try Pooler(before: server)
        let stores = try (0..<2).map { _ in try PostgreSQLStore(PostgreSQLAddress(pooler.address("gateway_pooled"))) }
        for number in 0..<20 {
            let changes = try await stores[0].write([Self.revocation()])
            #expect(changes.count == 1)
            let code = Self.code()
            #expect(try await stores[number % 2].enter(code, now: 0, until: 600) == .first)
            #expect(try await stores[(number + 1) % 2].enter(code, now: 0, until: 600) == .unfinished(keptUntil: 600))
        }
        #expect(try await stores[1].changes(after: 0, limit: .max).count == 20)
        for store in stores { await store.close() }
        pooler.stop()
    }
}
