import Locking
import Testing

@testable import Marketplace

/// The fetch before a token needs the keys.
@Suite(.timeLimit(.minutes(2))) struct `Prepared key set` {
    private static let now = TokenWorld.now

    @Test func `is there before the first token, which fetches nothing`() async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]))
        #expect(await world.cache.state(now: Self.now) == .missing)
        await world.cache.prepare(now: Self.now)
        #expect(await world.cache.state(now: Self.now) == .fresh)
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
        await world.cache.prepare(now: Self.now)
        #expect(world.endpoint.asked == 1)
    }

    @Test func `does not hold back a login when its fetch failed a moment ago`() async throws {
        let world = TokenWorld()
        world.endpoint.fail()
        await world.cache.prepare(now: Self.now)
        world.endpoint.answer(TokenWorld.published([0]))
        #expect(await world.judge(try TokenWorld.token(0), now: Self.now + 1) == "valid")
        #expect(world.endpoint.asked == 2)
    }

    @Test func `is fetched again a minute after a failure, without a token`() async throws {
        let sleeper = MinuteSleeper()
        let world = TokenWorld(sleep: sleeper.sleep)
        world.endpoint.fail()
        await world.cache.prepare(now: Self.now)
        world.endpoint.answer(TokenWorld.published([0]))
        #expect(await sleeper.next() == .seconds(60))
        sleeper.wake()
        while await world.cache.state(now: Self.now + 60) == .missing { await Task.yield() }
        #expect(world.endpoint.asked == 2)
    }

    /// The trace of a login would otherwise go on in every later fetch.
    @Test func `is refreshed outside the request that fetched it`() async throws {
        let seen = Locked<[String?]>([])
        let world = TokenWorld { _ in
            seen.withLock { $0.append(Self.request) }
            throw CancellationError()
        }
        world.endpoint.answer(TokenWorld.published([0]))
        await Self.$request.withValue("login") { await world.cache.prepare(now: Self.now) }
        while seen.withLock({ $0.isEmpty }) { await Task.yield() }
        #expect(seen.withLock { $0 } == [nil])
    }

    @TaskLocal private static var request: String?

    @Test func `is not fetched again by itself where nothing prepared it`() async throws {
        let sleeper = MinuteSleeper()
        let world = TokenWorld(sleep: sleeper.sleep)
        world.endpoint.fail()
        _ = await world.judge(try TokenWorld.token(0))
        #expect(sleeper.count == 0)
    }
}
