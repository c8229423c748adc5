import HTTP
import Locking
import OpenSSLCrypto
import SecretMemory
import Storage
import TestSupport
import Testing

@testable import Gateway

@Suite struct CodeLedgerTests {
    @Test func `RT-45 of fifty equal codes at once exactly one goes on`() async {
        let ledger = CodeLedger(TestWorld.ring, store: TestWorld.access)
        let firsts = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await ledger.enter(ledger.digest(of: SecretBytes("code")), from: nil, now: TestWorld.now) == .first
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(firsts == 1)
    }

    @Test func `remembers for ten minutes which session came of a code`() async {
        let ledger = CodeLedger(TestWorld.ring, store: TestWorld.access)
        let session = SessionID(.secure)
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("a")), from: nil, now: 0) == .first)
        #expect(
            await ledger.enter(ledger.digest(of: SecretBytes("a")), from: nil, now: 1) == .unfinished(keptUntil: 600))
        ledger.complete(ledger.digest(of: SecretBytes("a")), with: session)
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("a")), from: nil, now: 599) == .usedFor(session))
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("b")), from: nil, now: 599) == .first)
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("a")), from: nil, now: 600) == .first)
    }

    @Test func `RT-103: a code without a result is under way for twenty seconds, then spent`() async {
        let ledger = CodeLedger(TestWorld.ring, store: TestWorld.access)
        let mark = ledger.digest(of: SecretBytes("a"))
        #expect(await ledger.enter(mark, from: nil, now: 100) == .first)
        #expect(await ledger.enter(mark, from: nil, now: 119) == .unfinished(keptUntil: 700))
        #expect(await ledger.enter(mark, from: nil, now: 120) == .spent)
        ledger.complete(mark, with: nil)
        #expect(await ledger.enter(mark, from: nil, now: 101) == .spent)
        // The process that exchanged it has ended: so does the wait.
        let left = ledger.digest(of: SecretBytes("b"))
        let now = Locked(Int64(500))
        let clock = Clock(
            unixSeconds: {
                now.withLock {
                    $0 += 5
                    return $0
                }
            }, nanoseconds: { 0 })
        #expect(await ledger.enter(left, from: nil, now: 500) == .first)
        #expect(await ledger.enterAwaitingResult(left, from: .shared(.unixSocket), clock: clock) == .spent)
        #expect(now.withLock { $0 } == 520)
    }

    @Test func `a code that was removed and entered again is kept for its whole time`() {
        let memory = CodeMemory(capacity: 10)
        let code = CodeDigest([UInt8](repeating: 1, count: 16))
        #expect(memory.enter(code, now: 0, until: 600) == .first)
        memory.remove(code)
        #expect(memory.enter(code, now: 595, until: 1195) == .first)
        #expect(memory.enter(code, now: 601, until: 1201) == .unfinished(keptUntil: 1195))
        #expect(memory.enter(code, now: 1195, until: 1795) == .first)
    }

    /// One request reaches the store, and an equal one meets its outage.
    @Test func `where logins go on without the store, no code is first twice in one gateway`() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.path("gateway.db"))
        let access = LiveStore(store, lifetimes: SessionLifetimes(), TestWorld.observability)
        let ledger = CodeLedger(TestWorld.ring, store: access, whenStoreUnavailable: .continue)
        let other = CodeLedger(TestWorld.ring, store: access)
        let (before, during, elsewhere) = (
            ledger.digest(of: SecretBytes("before")), ledger.digest(of: SecretBytes("during")),
            ledger.digest(of: SecretBytes("elsewhere"))
        )
        let session = SessionID(.secure)
        #expect(await other.enter(elsewhere, from: nil, now: 0) == .first)
        #expect(await ledger.enter(elsewhere, from: nil, now: 0) == .unfinished(keptUntil: 600))
        other.complete(elsewhere, with: session)
        // No response waits for the result to be stored.
        #expect(
            await ledger.enterAwaitingResult(
                elsewhere, from: .shared(.unixSocket), clock: Clock(unixSeconds: { 0 }, nanoseconds: { 0 }))
                == .usedFor(session))
        #expect(await ledger.enter(before, from: nil, now: 0) == .first)
        await store.close()
        #expect(await ledger.enter(before, from: nil, now: 0) == .unfinished(keptUntil: 600))
        ledger.complete(before, with: session)
        #expect(await ledger.enter(before, from: nil, now: 0) == .usedFor(session))
        #expect(await ledger.enter(during, from: nil, now: 0) == .first)
        #expect(await ledger.enter(during, from: nil, now: 0) == .unfinished(keptUntil: 600))
        guard case .storeUnavailable = await other.enter(during, from: nil, now: 0) else {
            Issue.record("without the setting the ledger refuses")
            return
        }
    }

    @Test(arguments: [false, true])
    func `RT-102: a client whose share is full is refused alone`(_ isShared: Bool) async throws {
        let folder = try TemporaryFolder()
        let store: any Store = isShared ? try SQLiteStore(path: folder.path("gateway.db")) : MemoryStore()
        let access = LiveStore(
            store, lifetimes: SessionLifetimes(), TestWorld.observability)
        let ledger = CodeLedger(TestWorld.ring, store: access, capacity: 500)
        func enter(_ code: String, _ client: String?, _ now: Int64) async -> CodeLedgerEntry {
            let address = client.flatMap { IPAddress($0) }
            return await ledger.enter(
                ledger.digest(of: SecretBytes(code)), from: address.map { .one($0) } ?? .shared(.unixSocket), now: now)
        }
        for number in 0..<10 {
            #expect(await enter("a\(number)", "192.0.2.1", 0) == .first)
            // Known ones take no place.
            #expect(
                await enter("a0", "192.0.2.1", 0)
                    == (number < 9 ? .unfinished(keptUntil: 600) : .shareIsFull(wait: 600)))
        }
        #expect(await enter("b", "192.0.2.1", 100) == .shareIsFull(wait: 500))
        #expect(await enter("b", "192.0.2.2", 100) == .first)
        for number in 0..<400 { #expect(await enter("c\(number)", nil, 100) == .first) }
        #expect(await enter("d", "192.0.2.1", 600) == .first)
        await store.close()
    }

    @Test func `RT-132: of a thousand requests with one code four wait, and the others are answered at once`() async {
        let ledger = CodeLedger(TestWorld.ring, store: TestWorld.access)
        let mark = ledger.digest(of: SecretBytes("a"))
        let clock = TestWorld.clock
        #expect(await ledger.enter(mark, from: nil, now: TestWorld.now) == .first)
        let session = SessionID(.secure)
        let entries = await withTaskGroup(of: CodeLedgerEntry.self) { group in
            for _ in 0..<1000 {
                group.addTask { await ledger.enterAwaitingResult(mark, from: .shared(.unixSocket), clock: clock) }
            }
            var entries: [CodeLedgerEntry] = []
            while entries.count < 1000 - CodeWaiters.maximumPerCode, let entry = await group.next() {
                entries.append(entry)
            }
            #expect(entries.allSatisfy { $0 == .spent })
            ledger.complete(mark, with: session)
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(entries == Array(repeating: .usedFor(session), count: CodeWaiters.maximumPerCode))
    }

    @Test func `RT-132: those who wait leave their places, and all codes share a number of them`() throws {
        let waiters = CodeWaiters()
        let marks = (0..<100).map { CodeDigest(SHA256.hash(Array("\($0)".utf8))) }
        let entered = marks.flatMap { mark in (0..<5).filter { _ in waiters.enter(mark) }.map { _ in mark } }
        #expect(entered.count == CodeWaiters.maximumTogether)
        #expect(!waiters.enter(marks[99]))
        waiters.leave(marks[0])
        #expect(waiters.enter(marks[99]) && !waiters.enter(marks[99]))
        for mark in entered.dropFirst() + [marks[99]] { waiters.leave(mark) }
        #expect(marks.allSatisfy { waiters.enter($0) })
    }

    @Test func `RT-130: a clock that was set back does not leave the ledger full`() async {
        let ledger = CodeLedger(TestWorld.ring, store: TestWorld.access, capacity: 2)
        let year: Int64 = 365 * 86_400
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("a")), from: nil, now: year) == .first)
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("b")), from: nil, now: year) == .first)
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("c")), from: nil, now: 0) == .full)
        // Young still.
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("a")), from: nil, now: 599) != .first)
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("c")), from: nil, now: 600) == .first)
    }

    @Test func `refuses rather than forgets when it is full`() async {
        let ledger = CodeLedger(TestWorld.ring, store: TestWorld.access, capacity: 2)
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("a")), from: nil, now: 0) == .first)
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("b")), from: nil, now: 0) == .first)
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("c")), from: nil, now: 0) == .full)
        #expect(
            await ledger.enter(ledger.digest(of: SecretBytes("a")), from: nil, now: 0) == .unfinished(keptUntil: 600))
        #expect(await ledger.enter(ledger.digest(of: SecretBytes("c")), from: nil, now: 600) == .first)
    }
}

@Suite struct AttemptLimiterTests {
    private static func client(_ address: String) -> ClientAddress {
        ClientAddress.of(TestWorld.request("/", peer: address), behind: TestWorld.settings().trusted)
    }

    @Test func `RT-89 RT-102: gives an address twenty attempts in five minutes`() throws {
        let limiter = AttemptLimiter()
        let (address, other) = (Self.client("192.0.2.1"), Self.client("192.0.2.2"))
        for _ in 0..<20 { _ = try limiter.reserve(address, now: 0) }
        for now: Int64 in [0, 299] {
            let refusal = #expect(throws: AttemptLimiter.Exhausted.self) { try limiter.reserve(address, now: now) }
            #expect(refusal?.wait == 300 - now)
        }
        _ = try limiter.reserve(other, now: 0)
        _ = try limiter.reserve(address, now: 300)
    }

    @Test func `RT-102: what is given back can be had again, but not twice`() throws {
        let limiter = AttemptLimiter()
        let address = Self.client("192.0.2.1")
        let reserved = try (0..<20).map { _ in try limiter.reserve(address, now: 0) }
        limiter.giveBack(reserved[0])
        _ = try limiter.reserve(address, now: 1)
        #expect(throws: AttemptLimiter.Exhausted.self) { try limiter.reserve(address, now: 1) }
        // Of an earlier window: it was counted there.
        for _ in 0..<20 { _ = try limiter.reserve(address, now: 300) }
        limiter.giveBack(reserved[1])
        #expect(throws: AttemptLimiter.Exhausted.self) { try limiter.reserve(address, now: 301) }
        // A clock that was set back does not prolong the window.
        _ = try limiter.reserve(address, now: 10)
    }

    @Test func `RT-84 a flood of addresses locks no client out`() throws {
        let limiter = AttemptLimiter(capacity: 64)
        for number in 0..<10_000 {
            _ = try limiter.reserve(Self.client("2001:db8:\(String(number, radix: 16))::1"), now: Int64(number / 100))
        }
        _ = try limiter.reserve(Self.client("192.0.2.7"), now: 100)
    }

    @Test func `a /64 of IPv6 is one client`() throws {
        let limiter = AttemptLimiter()
        for number in 0..<20 { _ = try limiter.reserve(Self.client("2001:db8::\(number)"), now: 0) }
        #expect(throws: AttemptLimiter.Exhausted.self) {
            try limiter.reserve(Self.client("2001:db8::ffff:1"), now: 0)
        }
        _ = try limiter.reserve(Self.client("2001:db8:0:1::1"), now: 0)
    }

    @Test func `RT-102: people behind one key share a thousand attempts`() throws {
        let limiter = AttemptLimiter()
        for _ in 0..<1000 { _ = try limiter.reserve(.shared(.unixSocket), now: 0) }
        #expect(throws: AttemptLimiter.Exhausted.self) { try limiter.reserve(.shared(.unixSocket), now: 0) }
        _ = try limiter.reserve(Self.client("127.0.0.1"), now: 0)
    }
}
