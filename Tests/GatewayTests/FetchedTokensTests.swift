import HTTP
import Locking
import Marketplace
import SecretMemory
import Testing
import Untrusted

@testable import Gateway

/// Short-lived tokens: how often they are fetched.
@Suite struct FetchedTokensTests {
    private final class Endpoint: HTTPClient {
        private let state = Locked((fetches: 0, isFailing: false))
        let expiresIn: Int

        init(expiresIn: Int) { self.expiresIn = expiresIn }

        var fetches: Int { state.withLock { $0.fetches } }
        func fail(_ isFailing: Bool) { state.withLock { $0.isFailing = isFailing } }

        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
            let (number, isFailing) = state.withLock { state in
                state.fetches += 1
                return (state.fetches, state.isFailing)
            }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .cancelled }
            if isFailing { return HTTPClientResponse(status: .internalServerError, headers: [:], body: .empty) }
            return HTTPClientResponse(
                status: .ok, headers: [:],
                body: SecretBytes(#"{"access_token":"t\#(number)","expires_in":\#(expiresIn)}"#))
        }
    }

    private struct World {
        let endpoint: Endpoint
        let time = Locked(TestWorld.now)
        let tokens: FetchedTokens
        let metrics = Metrics()

        init(expiresIn: Int = 3600) {
            endpoint = Endpoint(expiresIn: expiresIn)
            let grant = ClientCredentialsGrant(
                url: "https://api.example.test/token", clientID: "oac_Test", clientSecret: SecretBytes("s"),
                parameters: [], client: endpoint)
            tokens = FetchedTokens(
                grant,
                Observability(
                    metrics: metrics,
                    clock: Clock(unixSeconds: { [time] in time.withLock { $0 } }, nanoseconds: { 0 })))
        }

        func find(_ id: String = "icfg_1") async -> String {
            switch await tokens.find(id, now: time.withLock { $0 }) {
            case .token(let token): token.exposedText?.string ?? ""
            case .unavailable(let reason): reason
            case .none, .removed: "nothing"
            }
        }

        func counted(_ outcome: String) -> Int { FetchedTokens.fetches(metrics).current(outcome) }

        func advance(_ seconds: Int64) { time.withLock { $0 += seconds } }
    }

    @Test func `simultaneous callers share one fetch`() async {
        let world = World()
        let found = await withTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { await world.find() } }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(found == ["t1"] && world.endpoint.fetches == 1)
        #expect(await world.find("icfg_2") == "t2")
    }

    @Test(arguments: [(3600, 3539, 3541), (60, 52, 54), (1, 0, 0), (10_000_000, 86_339, 86_341)])
    func `one is kept until shortly before it ends`(_ lifetime: Int, _ kept: Int64, _ gone: Int64) async {
        let world = World(expiresIn: lifetime)
        #expect(await world.find() == "t1")
        world.advance(kept)
        if kept > 0 { #expect(await world.find() == "t1") }
        world.advance(gone - kept)
        #expect(await world.find() == "t2")
        #expect(world.counted("granted") == 2)
    }

    @Test func `after a failure there is a pause, and then a token`() async {
        let world = World()
        world.endpoint.fail(true)
        for _ in 0..<3 { #expect(await world.find() == "status") }
        #expect(world.endpoint.fetches == 1 && world.counted("failed") == 1)
        world.endpoint.fail(false)
        world.advance(FetchedTokens.pauseAfterFailure)
        #expect(await world.find() == "t2")
    }

    @Test(arguments: [false, true])
    func `RT-130: a clock that was set back keeps neither a token nor a failure`(_ isFailing: Bool) async {
        let world = World(expiresIn: 60)
        world.advance(365 * 86_400)
        world.endpoint.fail(isFailing)
        _ = await world.find()
        world.endpoint.fail(false)
        world.advance(-365 * 86_400)
        #expect(await world.find() == "t2")
    }

    @Test func `one that the marketplace did not accept is not used again`() async {
        let world = World()
        #expect(await world.find() == "t1")
        await world.tokens.forget("icfg_1")
        #expect(await world.find() == "t2")
    }
}
