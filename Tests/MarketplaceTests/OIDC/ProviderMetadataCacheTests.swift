import HTTP
import JOSE
import Testing
import Untrusted

@testable import Marketplace

@Suite(.timeLimit(.minutes(2))) struct `Cached metadata` {
    private static let now = TokenWorld.now
    private static let document = String(
        decoding: JSONObject(ProviderMetadataTests.document).encoded, as: UTF8.self)

    private let endpoint = KeyEndpoint()
    private let cache: ProviderMetadataCache

    init() { cache = ProviderMetadataCache(issuer: ProviderMetadataTests.issuer, client: endpoint) }

    private func read(at now: Int64 = now) async -> String {
        do { return try await cache.current(now: now).tokenEndpoint } catch { return error.reason }
    }

    private static let endpointURL = "https://api.example.test:8443/token"

    @Test func `are fetched once for five hundred who need them first`() async {
        endpoint.answer(text: Self.document)
        endpoint.hold()
        async let answers = withTaskGroup(of: String.self) { group in
            for _ in 0..<500 { group.addTask { await read() } }
            return await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        while endpoint.asked == 0 { await Task.yield() }
        endpoint.release()
        #expect(await answers == [Self.endpointURL])
        #expect(endpoint.asked == 1)
    }

    @Test func `are asked for again at most every thirty seconds while they are missing`() async {
        endpoint.fail(.cannotConnect)
        for second in 0..<30 { #expect(await read(at: Self.now + Int64(second)) == "unreachable") }
        #expect(endpoint.asked == 1)
        endpoint.answer(text: "<html>")
        #expect(await read(at: Self.now + 30) == "not_json")
        endpoint.answer(text: "", status: .internalServerError)
        #expect(await read(at: Self.now + 60) == "status")
        endpoint.answer(text: Self.document)
        #expect(await read(at: Self.now + 90) == Self.endpointURL)
    }

    @Test func `are replaced in the background, and no login waits for it`() async {
        endpoint.answer(text: Self.document, lifetime: 600)
        #expect(await read() == Self.endpointURL)
        #expect(await read(at: Self.now + 300) == Self.endpointURL)
        #expect(endpoint.asked == 1)
        endpoint.answer(text: Self.document.replacing(":8443", with: ""), lifetime: 600)
        endpoint.hold()
        #expect(await read(at: Self.now + 590) == Self.endpointURL)
        while endpoint.asked == 1 { await Task.yield() }
        endpoint.release()
        while await read(at: Self.now + 591) == Self.endpointURL { await Task.yield() }
        #expect(await read(at: Self.now + 591) == "https://api.example.test/token")
        #expect(endpoint.asked == 2)
    }

    @Test func `serve a day beyond their lifetime while the issuer is down, and no longer`() async {
        endpoint.answer(text: Self.document, lifetime: 600)
        #expect(await read() == Self.endpointURL)
        endpoint.fail()
        #expect(await read(at: Self.now + 600 + 86_399) == Self.endpointURL)
        #expect(await read(at: Self.now + 600 + 86_400 + 31) == "timed_out")
    }

    @Test func `are not replaced by another issuer's`() async {
        endpoint.answer(text: Self.document, lifetime: 60)
        #expect(await read() == Self.endpointURL)
        let foreign = Self.document.replacing(ProviderMetadataTests.issuer + "\"", with: "https://evil.test\"")
        endpoint.answer(text: foreign.replacing(":8443", with: ""))
        #expect(await read(at: Self.now + 60) == Self.endpointURL)
        while endpoint.asked == 1 { await Task.yield() }
        #expect(await read(at: Self.now + 61) == Self.endpointURL)
    }

    @Test func `are taken over from the cache of the same issuer only`() async {
        endpoint.answer(text: Self.document)
        #expect(await read() == Self.endpointURL)
        endpoint.fail()
        let same = ProviderMetadataCache(issuer: ProviderMetadataTests.issuer, client: endpoint)
        await same.begin(with: cache)
        let taken = try? await same.current(now: Self.now)
        #expect(taken?.tokenEndpoint == Self.endpointURL)
        let other = ProviderMetadataCache(issuer: "https://other.example.test", client: endpoint)
        await other.begin(with: cache)
        let refused = try? await other.current(now: Self.now)
        #expect(refused == nil)
    }
}

@Suite struct `Tokens of standard logins` {
    private func judge(_ claims: JSONObject, _ binding: IDTokenRules.Binding = .nonce("own")) async throws -> String {
        let world = TokenWorld()
        world.endpoint.answer(TokenWorld.published([0]))
        let token = try TokenWorld.token(0, TokenWorld.payload(claims))
        do {
            _ = try await world.verifier.verify(token, binding, now: TokenWorld.now)
            return "valid"
        } catch {
            guard case .refused(let refusal) = error else { return "unavailable" }
            return refusal.reason
        }
    }

    @Test(
        arguments: [
            (["nonce": .string("own")], "valid"), (["nonce": .string("own"), "azp": .string("oac_Own")], "valid"),
            (["nonce": .string("own"), "azp": .null], "valid"), ([:], "nonce"), (["nonce": .string("other")], "nonce"),
            (["nonce": .string("own ")], "nonce"), (["nonce": .null], "nonce"),
            (["nonce": .array([.string("own")])], "nonce"),
            (["nonce": .string("own"), "azp": .string("oac_Other")], "authorized_party"),
            (["nonce": .string("own"), "azp": .integer(1)], "authorized_party"),
            (["iss": .string("https://other.test")], "issuer"),
            (["aud": .array([.string("oac_Own"), .string("oac_Other")]), "nonce": .string("own")], "audience"),
            (["nonce": .string("own"), "user_role": .string("OWNER")], "role"),
        ] as [(JSONObject, String)])
    func `repeat the login's nonce and name no other party`(claims: JSONObject, verdict: String) async throws {
        #expect(try await judge(claims) == verdict)
    }

    @Test(
        arguments: [
            ([:], "valid"), (["nonce": .null], "valid"), (["nonce": .string("own")], "nonce"),
            (["nonce": .string("")], "nonce"), (["nonce": .integer(1)], "nonce"),
        ] as [(JSONObject, String)])
    func `are no tokens of pushed codes`(claims: JSONObject, verdict: String) async throws {
        #expect(try await judge(claims, .noNonce) == verdict)
    }
}
