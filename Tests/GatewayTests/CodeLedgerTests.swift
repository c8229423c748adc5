import HTTP
import Locking
import SecretMemory
import Storage
import Testing

@testable import Gateway

@Suite struct CodeLedgerTests {
    @Test func `RT-45 of fifty equal codes at once exactly one goes on`() async {
        let ledger = CodeLedger(TestWorld.ring, store: MemoryStore())
        let firsts = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask { await ledger.enter(ledger.mark(of: SecretBytes("code")), now: TestWorld.now) == .first }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(firsts == 1)
    }

    @Test func `remembers for ten minutes which session came of a code`() async {
        let ledger = CodeLedger(TestWorld.ring, store: MemoryStore())
        let session = SessionID.random()
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("a")), now: 0) == .first)
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("a")), now: 1) == .unfinished(keptUntil: 600))
        await ledger.complete(ledger.mark(of: SecretBytes("a")), with: session)
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("a")), now: 599) == .usedFor(session))
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("b")), now: 599) == .first)
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("a")), now: 600) == .first)
    }

    @Test func `RT-103: a code without a result is under way for twenty seconds, then spent`() async {
        let ledger = CodeLedger(TestWorld.ring, store: MemoryStore())
        let mark = ledger.mark(of: SecretBytes("a"))
        #expect(await ledger.enter(mark, now: 100) == .first)
        #expect(await ledger.enter(mark, now: 119) == .unfinished(keptUntil: 700))
        #expect(await ledger.enter(mark, now: 120) == .spent)
        await ledger.complete(mark, with: nil)
        #expect(await ledger.enter(mark, now: 101) == .spent)
        // Whoever exchanged it has died: the wait ends with that time.
        let left = ledger.mark(of: SecretBytes("b"))
        let now = Locked(Int64(500))
        let clock = Clock(
            unixSeconds: {
                now.withLock {
                    $0 += 5
                    return $0
                }
            }, nanoseconds: { 0 })
        #expect(await ledger.enter(left, now: 500) == .first)
        #expect(await ledger.enterAwaitingResult(left, clock: clock) == .spent)
        #expect(now.withLock { $0 } == 520)
    }

    @Test func `refuses rather than forgets when it is full`() async {
        let ledger = CodeLedger(TestWorld.ring, store: MemoryStore(), capacity: 2)
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("a")), now: 0) == .first)
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("b")), now: 0) == .first)
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("c")), now: 0) == .unavailable)
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("a")), now: 0) == .unfinished(keptUntil: 600))
        #expect(await ledger.enter(ledger.mark(of: SecretBytes("c")), now: 600) == .first)
    }
}

@Suite struct AttemptLimiterTests {
    @Test func `RT-89 stops an address after twenty refused codes, for five minutes`() {
        let limiter = AttemptLimiter()
        let address = IPAddress("192.0.2.1")
        for _ in 0..<20 {
            #expect(!limiter.isExhausted(address, now: 0))
            limiter.recordRefusal(address, now: 0)
        }
        #expect(limiter.isExhausted(address, now: 299))
        #expect(!limiter.isExhausted(address, now: 300))
        #expect(!limiter.isExhausted(IPAddress("192.0.2.2"), now: 0))
    }

    @Test func `RT-84 a flood of addresses shuts nobody out`() throws {
        let limiter = AttemptLimiter(capacity: 64)
        for number in 0..<10_000 {
            limiter.recordRefusal(IPAddress("2001:db8:\(String(number, radix: 16))::1"), now: Int64(number / 100))
        }
        #expect(!limiter.isExhausted(IPAddress("192.0.2.7"), now: 100))
    }

    @Test func `a /64 of IPv6 is one client`() {
        let limiter = AttemptLimiter()
        for number in 0..<20 {
            limiter.recordRefusal(IPAddress("2001:db8::\(number)"), now: 0)
        }
        #expect(limiter.isExhausted(IPAddress("2001:db8::ffff:1"), now: 0))
        #expect(!limiter.isExhausted(IPAddress("2001:db8:0:1::1"), now: 0))
    }
}
