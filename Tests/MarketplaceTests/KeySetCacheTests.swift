import HTTP
import JOSE
import Testing

@testable import Marketplace

@Suite(.timeLimit(.minutes(2))) struct `Cached key set` {
    private static let now = TokenWorld.now

    @Test func `RT-71 is fetched once for five hundred who need it first`() async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]))
        world.endpoint.hold()
        let token = try TokenWorld.token(0)
        async let verdicts = world.judge(Array(repeating: token, count: 500))
        while world.endpoint.asked == 0 { await Task.yield() }
        world.endpoint.release()
        #expect(await verdicts == ["valid": 500])
        #expect(world.endpoint.asked == 1)
    }

    @Test func `RT-71 serves five hundred during a rotation, and fails none`() async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0, 1]))
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
        // The third key is published and signs at once, beside tokens of the first two that are still under way.
        world.endpoint.answer(TokenWorld.published([0, 1, 2]))
        let tokens = try (0..<500).map { try TokenWorld.token($0 % 3) }
        #expect(await world.judge(tokens, now: Self.now + 31) == ["valid": 500])
        #expect(world.endpoint.asked == 2)
        // The first is gone, and once somebody looked, so are its tokens.
        world.endpoint.answer(TokenWorld.published([1, 2, 3]))
        #expect(await world.judge(try TokenWorld.token(3), now: Self.now + 62) == "valid")
        #expect(await world.judge(try TokenWorld.token(0), now: Self.now + 62) == "unknown_key")
        #expect(world.endpoint.asked == 3)
    }

    @Test func `RT-71 fails no published key while the endpoint is down during a rotation, and asks once`() async throws
    {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0, 1]))
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
        for (round, error) in [HTTPClientError.timedOut, .cannotConnect, .broken].enumerated() {
            world.endpoint.fail(error)
            let tokens = try (0..<500).map { try TokenWorld.token($0 % 5 == 0 ? 2 : $0 % 2) }
            let verdicts = await world.judge(tokens, now: Self.now + 31 * Int64(round + 1))
            #expect(verdicts == ["valid": 400, "unavailable": 100])
            #expect(world.endpoint.asked == round + 2)
        }
        world.endpoint.answer(TokenWorld.published([1, 2]))
        #expect(await world.judge(try TokenWorld.token(2), now: Self.now + 31 * 4) == "valid")
    }

    @Test(arguments: [true, false], [true, false])
    func `RT-72 is fetched at most once for ten thousand unknown keys`(isWarm: Bool, isDown: Bool) async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]))
        if isWarm { #expect(await world.judge(try TokenWorld.token(0)) == "valid") }
        let before = world.endpoint.asked
        if isDown { world.endpoint.fail() }
        let tokens = try (0..<10_000).map { try TokenWorld.stray("stray \($0)") }
        // Over the whole interval, half of them at once and half one by one.
        let verdicts = await world.judge(Array(tokens.prefix(5000)), now: Self.now + 40)
        #expect(verdicts == [isDown ? "unavailable" : "unknown_key": 5000])
        for (place, token) in tokens.suffix(5000).enumerated() {
            let verdict = await world.judge(token, now: Self.now + 40 + Int64(place) / 180)
            #expect(verdict == (isDown ? "unavailable" : "unknown_key"))
        }
        #expect(world.endpoint.asked == before + 1)
    }

    @Test func `RT-72 is fetched every half minute at most, for as long as unknown keys come`() async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]), lifetime: 86_400)
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
        for second in 0..<600 {
            if second % 120 == 60 { world.endpoint.fail() }
            if second % 120 == 0 { world.endpoint.answer(TokenWorld.published([0]), lifetime: 86_400) }
            _ = await world.judge(try TokenWorld.stray("stray \(second)"), now: Self.now + Int64(second))
            #expect(world.endpoint.asked <= 1 + second / 30)
        }
        #expect(await world.judge(try TokenWorld.token(0), now: Self.now + 600) == "valid")
    }

    @Test func `RT-72 remembers which key the issuer did not know, and leaves room for others`() async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]), lifetime: 86_400)
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
        let stray = try TokenWorld.stray("stray")
        for (seconds, asked) in [(31, 2), (62, 2), (93, 2), (150, 2), (151, 3), (200, 3)] as [(Int64, Int)] {
            #expect(await world.judge(stray, now: Self.now + seconds) == "unknown_key")
            #expect(world.endpoint.asked == asked, "\(seconds) s")
        }
        // Another one is looked for, and brings the first along if it is published by now.
        world.endpoint.answer(TokenWorld.published([0, 1, 2]), lifetime: 86_400)
        #expect(await world.judge(try TokenWorld.token(1), now: Self.now + 201) == "valid")
        #expect(await world.judge(try TokenWorld.token(2), now: Self.now + 201) == "valid")
        #expect(world.endpoint.asked == 4)
    }

    @Test func `does not hold it against a key that it met a fetch under way`() async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]), lifetime: 1000)
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
        world.endpoint.hold()
        #expect(await world.judge(try TokenWorld.token(0), now: Self.now + 900) == "valid")
        let early = try TokenWorld.token(1)
        async let verdict = world.judge(early, now: Self.now + 901)
        while world.endpoint.asked < 2 { await Task.yield() }
        try await Task.sleep(for: .milliseconds(200))
        world.endpoint.release()
        #expect(await verdict == "unknown_key")
        world.endpoint.answer(TokenWorld.published([0, 1]))
        #expect(await world.judge(early, now: Self.now + 931) == "valid")
    }

    @Test(arguments: [70, 80, 85] as [Int64])
    func `is refreshed ahead of its end, and nobody waits for it`(percent: Int64) async throws {
        let world = TokenWorld(refreshPercent: percent)
        world.endpoint.answer(TokenWorld.published([0]), lifetime: 1000)
        let token = try TokenWorld.token(0)
        #expect(await world.judge(token) == "valid")
        world.endpoint.hold()
        #expect(await world.judge(token, now: Self.now + percent * 10 - 1) == "valid")
        #expect(world.endpoint.asked == 1)
        for second in 0..<10 {
            #expect(await world.judge(token, now: Self.now + percent * 10 + Int64(second)) == "valid")
        }
        while world.endpoint.asked < 2 { await Task.yield() }
        world.endpoint.release()
        #expect(world.endpoint.asked == 2)
    }

    @Test func `is refreshed without anybody asking, and again a minute after that failed`() async throws {
        let (naps, told) = AsyncStream<Duration>.makeStream()
        let (alarms, ring) = AsyncStream<Void>.makeStream()
        let world = TokenWorld(refreshPercent: 75) { duration in
            told.yield(duration)
            for await _ in alarms { return }
            throw CancellationError()
        }
        var nap = naps.makeAsyncIterator()
        world.endpoint.answer(TokenWorld.published([0]), lifetime: 1000)
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
        #expect(await nap.next() == .seconds(750))
        world.endpoint.fail()
        ring.yield()
        #expect(await nap.next() == .seconds(60))
        #expect(world.endpoint.asked == 2)
        world.endpoint.answer(TokenWorld.published([0, 1]), lifetime: 1000)
        ring.yield()
        #expect(await nap.next() == .seconds(750))
        #expect(world.endpoint.asked == 3)
        // The new key is there before the first token signed by it.
        #expect(await world.judge(try TokenWorld.token(1), now: Self.now + 811) == "valid")
        #expect(world.endpoint.asked == 3)
        ring.finish()
    }

    @Test func `is refreshed at different times by different gateways`() {
        let draws = Set((0..<1000).map { _ in Int64.random(in: KeySetFreshness.refreshPercents) })
        #expect(draws.count > 10 && draws.allSatisfy { (70...85).contains($0) })
    }

    @Test func `is used on for a day while the endpoint is down, and nobody waits twice`() async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]), lifetime: 600)
        let token = try TokenWorld.token(0)
        #expect(await world.judge(token) == "valid")
        world.endpoint.fail()
        #expect(await world.judge(token, now: Self.now + 601) == "valid")
        #expect(world.endpoint.asked == 2)
        // It does not even answer any more: logins go on at once all the same.
        world.endpoint.hold()
        for minute in 2..<20 {
            #expect(await world.judge(token, now: Self.now + 601 + Int64(minute) * 60) == "valid")
        }
        world.endpoint.release()
        #expect(await world.judge(token, now: Self.now + 600 + 86_399) == "valid")
        #expect(await world.judge(token, now: Self.now + 600 + 86_400 + 60) == "unavailable")
        #expect(await world.cache.state(now: Self.now + 600 + 86_399) == .stale)
        #expect(await world.cache.state(now: Self.now + 600 + 86_400) == .missing)
    }

    @Test(arguments: [
        "", "<html>", "{}", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, #"{"keys":null}"#,
    ])
    func `is not replaced by one that is of no use`(text: String) async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]))
        let token = try TokenWorld.token(0)
        #expect(await world.judge(token) == "valid")
        world.endpoint.answer(text: text)
        #expect(await world.judge(token, now: Self.now + 601) == "valid")
        #expect(world.endpoint.asked == 2)
        let cold = TokenWorld()
        cold.endpoint.answer(text: text)
        #expect(await cold.judge(token) == "unavailable")
    }

    @Test func `is not replaced by one without a key for the algorithms in use`() async throws {
        let world = TokenWorld()
        world.endpoint.answer([SignJWS.publicJWK(.generate(for: .es384), keyID: "k0", for: .es384)])
        #expect(await world.judge(try TokenWorld.token(0)) == "unavailable")
    }

    @Test func `RT-116: an issuer that lists a key twice, or two keys under one id, is understood`() async throws {
        let world = TokenWorld()
        let rsa = SignJWS.publicJWK(.generate(for: .rs256), keyID: "k0", for: .rs256)
        world.endpoint.answer([rsa] + TokenWorld.published([0]) + TokenWorld.published([0]))
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
    }

    @Test func `RT-115: tokens from unknown senders do not use up the fetch that a login needs`() async throws {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]), lifetime: 86_400)
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
        for second in 31..<41 {
            let stray = try TokenWorld.stray("stray \(second)")
            #expect(await world.judgeCall(stray, now: Self.now + Int64(second)) == "unknown_key")
        }
        #expect(world.endpoint.asked == 2)
        // An unknown sender may even know the id of the next key before it is published.
        #expect(await world.judgeCall(try TokenWorld.token(1), now: Self.now + 71) == "unknown_key")
        #expect(world.endpoint.asked == 3)
        world.endpoint.answer(TokenWorld.published([0, 1]), lifetime: 86_400)
        #expect(await world.judge(try TokenWorld.token(1), now: Self.now + 72) == "valid")
        #expect(world.endpoint.asked == 4)
    }

    @Test func `RT-115: a login does not content itself with a fetch that began before its key was published`()
        async throws
    {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]), lifetime: 86_400)
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
        world.endpoint.hold()
        let (stray, token) = (try TokenWorld.stray("stray"), try TokenWorld.token(1))
        async let call = world.judgeCall(stray, now: Self.now + 40)
        while world.endpoint.asked < 2 { await Task.yield() }
        async let login = world.judge(token, now: Self.now + 40)
        try await Task.sleep(for: .milliseconds(200))
        world.endpoint.release(holdingNext: true)
        #expect(await call == "unknown_key")
        while world.endpoint.asked < 3 { await Task.yield() }
        world.endpoint.answer(TokenWorld.published([0, 1]), lifetime: 86_400)
        world.endpoint.release()
        #expect(await login == "valid")
    }

    @Test func `is not taken from a redirect or an error`() async throws {
        for status in [301, 302, 404, 500, 503] {
            let world = TokenWorld()
            let set = String(decoding: SignJWS.keySet(TokenWorld.published([0])).encoded, as: UTF8.self)
            world.endpoint.answer(text: set, status: HTTPStatus(rawValue: status))
            #expect(await world.judge(try TokenWorld.token(0)) == "unavailable")
        }
    }

    @Test func `comes back after the clock was put back`() async throws {
        let world = TokenWorld()
        world.endpoint.fail()
        #expect(await world.judge(try TokenWorld.token(0), now: Self.now + 86_400) == "unavailable")
        world.endpoint.answer(TokenWorld.published([0]))
        #expect(await world.judge(try TokenWorld.token(0)) == "valid")
    }
}
