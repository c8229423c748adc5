import HTTP
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Storage
import Testing
import Untrusted

@testable import Gateway

/// RT-101: every kind of sealed value under every other configuration, in every place where one may come in.
@Suite struct SealedValueTests {
    private struct Setup {
        let name: String
        var origin = "https://app.example.test"
        var integrations = ["live", "sandbox"]
        var ring = SealedValueTests.ring

        var settings: GatewaySettings {
            var settings = TestWorld.settings(
                integrations: integrations.map { name in
                    var integration = TestWorld.integration(name)
                    integration.oidcPath = "/\(name)/oidc"
                    return integration
                })
            settings.publicOrigin = TestWorld.origin(origin)
            return settings
        }
        var cookies: GatewayCookies { GatewayCookies(origin: settings.publicOrigin) }
    }

    private static let ring = freshRing("0a1b2c3d")
    private static let setups = [
        Setup(name: "same"), Setup(name: "integration removed", integrations: ["live"]),
        Setup(name: "all renamed", integrations: ["other"]),
        Setup(name: "other origin", origin: "https://other.example.test"),
        Setup(name: "http", origin: "http://localhost:8080"),
        Setup(name: "other ring, same id", ring: freshRing("0a1b2c3d")),
        Setup(name: "other ring", ring: freshRing("ffffffff")),
        Setup(name: "rotated", ring: KeyRing(freshRing("ffffffff").keys + ring.keys)),
    ]

    private static func freshRing(_ id: String) -> KeyRing {
        KeyRing([KeyRing.Key(id: id, secret: SecretBytes(SecureRandom.bytes(32)))])
    }

    private static let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, 1 << 53, .max - 1, .max]
    private static let nonce = [UInt8](repeating: 7, count: 16)

    /// Everything that is sealed, by the cookie it belongs to; `""` for the ticket itself.
    private static func sealed(_ time: Int64, _ setup: Setup = setups[0]) -> [(cookie: String, value: String)] {
        let (cookies, origin) = (setup.cookies, setup.settings.publicOrigin.description)
        var values: [(cookie: String, value: String)] = []
        for integration in setup.integrations {
            let session = TestWorld.session(integration: integration, at: TestWorld.now)
            var encoded = SessionSeal.encode(session, avatar: "")
            // Issued, renewed, expires.
            for (place, time) in [(3, time), (2, time), (1, time == TestWorld.now ? time + 3600 : time)] {
                encoded.replaceSubrange(encoded.count - 8 * place..<encoded.count - 8 * (place - 1), with: bytes(time))
            }
            values.append(
                (
                    cookies.sessionName,
                    seal(.session, encoded, [cookies.sessionName, integration, origin], setup)
                ))
            var flow = SealedFieldWriter()
            flow.put(nonce)
            flow.put("/reports")
            flow.put(time)
            let name = cookies.flowPrefix + nonce.hexadecimal.prefix(8)
            values.append((name, seal(.flow, flow.bytes, [name, integration, origin], setup)))
            var standard = SealedFieldWriter()
            standard.put(nonce)
            standard.put(nonce)
            standard.put(TestWorld.integration().issuer)
            standard.put([UInt8](repeating: 7, count: 32))
            standard.put("/reports")
            standard.put("")
            standard.put(time)
            let standardName = cookies.standardFlowPrefix + nonce.hexadecimal.prefix(8)
            values.append(
                (standardName, seal(.standardFlow, standard.bytes, [standardName, integration, origin], setup)))
            var ticket = SealedFieldWriter()
            ticket.put(nonce)
            ticket.put(integration)
            ticket.put(encoded)
            ticket.put("/reports")
            ticket.put([UInt8]())
            ticket.put(time)
            values.append(("", seal(.ticket, ticket.bytes, [cookies.ticketName, origin], setup)))
        }
        for name in [cookies.failuresName, cookies.loginsName, cookies.restartsName] {
            values.append((name, seal(.flow, bytes(time) + bytes(time) + bytes(time), [name, origin], setup)))
        }
        return values
    }

    private static func bytes(_ time: Int64) -> [UInt8] {
        var writer = SealedFieldWriter()
        writer.put(time)
        return writer.bytes
    }

    private static func seal(_ purpose: SealingPurpose, _ content: [UInt8], _ context: [String], _ setup: Setup)
        -> String
    {
        Sealer(setup.ring, for: purpose).seal(content, authenticating: SessionSeal.context(context))
    }

    /// Every answer to a request that brings `value`, in each cookie of ours and as the ticket.
    private static func answers(to value: String, _ setup: Setup) async throws -> [HTTPResponse] {
        let clock = TestWorld.clock
        let gateway = Gateway(
            settings: setup.settings, keyRing: setup.ring,
            access: LiveStore(MemoryStore(), lifetimes: SessionLifetimes(), Observability(clock: clock)),
            client: Unreachable(),
            Observability(clock: clock))
        let cookies = setup.cookies
        let flow = nonce.hexadecimal
        let names = [
            cookies.sessionName, cookies.flowPrefix + flow.prefix(8),
            cookies.standardFlowPrefix + flow.prefix(8), cookies.failuresName, cookies.loginsName,
            cookies.restartsName, cookies.ticketName,
        ]
        let targets = [
            "/sso/session", "/sso/start?rd=/", "/sso/sign_out", "/authz/nginx",
            "/\(setup.integrations[0])/callback?code=\(value.suffix(8))&sso_flow=\(flow)",
            "/\(setup.integrations[0])/oidc/callback?code=\(value.suffix(8))&state=\(flow)",
        ]
        var answers: [HTTPResponse] = []
        for name in names {
            for target in targets {
                answers.append(await gateway.answer(try request(target, "\(name)=\(value)")).response)
            }
            answers.append(await gateway.answer(try request("/sso/sign_out", "\(name)=\(value)", form: "a=b")).response)
        }
        for choice in ["switch", "stay"] {
            let form = "ticket=\(value)&answer=\(choice)"
            let cookie = "\(cookies.ticketName)=\(flow)"
            answers.append(await gateway.answer(try request("/sso/switch", cookie, form: form)).response)
        }
        return answers
    }

    private static func request(_ target: String, _ cookie: String, form: String? = nil) throws -> HTTPRequest {
        var headers: HTTPHeaders = [
            "Host": "app.example.test", "Cookie": cookie, "X-Original-Method": "GET", "X-Original-URI": "/",
            "X-Forwarded-Host": "app.example.test", "X-Forwarded-Proto": "https",
        ]
        if form != nil { headers.append("Content-Type", "application/x-www-form-urlencoded") }
        return HTTPRequest(
            method: form == nil ? .get : .post, target: try RequestTarget(SecretBytes(target)), headers: headers,
            body: SecretBytes(form ?? ""), peer: .ip(IPAddress(v4: 0x7f00_0001)))
    }

    private static func isSignedIn(_ answer: HTTPResponse) -> Bool {
        answer.headers["X-Auth-Request-User"] == "0123abcd"
            || String(decoding: answer.body, as: UTF8.self).contains("0123abcd")
            || answer.headers.all("Set-Cookie").contains { $0.contains("sso_session=") && !$0.contains("Max-Age=0") }
    }

    @Test(arguments: setups.indices)
    func `RT-101: a sealed value ends no process, and says nothing under another configuration`(_ index: Int)
        async throws
    {
        let setup = Self.setups[index]
        for (number, (cookie, value)) in Self.sealed(TestWorld.now).enumerated() {
            let answers = try await Self.answers(to: value, setup)
            #expect(answers.allSatisfy { (200...504).contains($0.status.rawValue) })
            let isSession = cookie == Self.setups[0].cookies.sessionName
            let isKnown = ["same", "rotated"].contains(setup.name) || setup.name == "integration removed" && number < 4
            let signsIn = isKnown && (isSession || cookie.isEmpty)
            #expect(answers.contains(where: Self.isSignedIn) == signsIn, "\(cookie) \(setup.name)")
        }
    }

    @Test(arguments: extremes)
    func `RT-101: a time at the end of all times in a sealed value neither ends the process nor signs in`(_ time: Int64)
        async throws
    {
        for (cookie, value) in Self.sealed(time) {
            let answers = try await Self.answers(to: value, Self.setups[0])
            #expect(!answers.contains(where: Self.isSignedIn), "\(cookie)")
        }
    }

    @Test func `RT-101: a stored token opens only for its installation under its ring`() {
        let key = InstallationKey(integration: "live", installationID: "icfg_1")
        let sealed = InstallationTokenSeal(Self.ring).seal(SecretBytes("token"), for: key)
        for setup in Self.setups {
            let opens = setup.ring.keys.contains { $0.secret.exposedBytes == Self.ring.keys[0].secret.exposedBytes }
            #expect((InstallationTokenSeal(setup.ring).open(sealed, for: key) != nil) == opens, "\(setup.name)")
            for other in [("sandbox", "icfg_1"), ("live", "icfg_2"), ("", "")] {
                let other = InstallationKey(integration: other.0, installationID: other.1)
                #expect(InstallationTokenSeal(setup.ring).open(sealed, for: other) == nil)
            }
            for (_, value) in Self.sealed(0) {
                #expect(InstallationTokenSeal(setup.ring).open(value, for: key) == nil)
            }
        }
        for damaged in ["", ".", "0a1b2c3d.", "0a1b2c3d.AAAA", String(sealed.dropLast(9)), sealed + "A"] {
            #expect(InstallationTokenSeal(Self.ring).open(damaged, for: key) == nil)
        }
    }

    @Test(arguments: extremes)
    func `RT-101: a stored time at the end of all times ends no process`(_ time: Int64) async throws {
        let session = TestWorld.session()
        let store = MemoryStore()
        let access = LiveStore(
            store, lifetimes: SessionLifetimes(), TestWorld.observability)
        let scopes: [Revocation.Scope] = [
            .session(session.id), .member(session.member), .installation(session.member.installation), .everything,
        ]
        store.write(
            [.member(MemberState(member: session.member, role: .user, checkedAt: time, changedAt: time))]
                + scopes.map { .revocation(Revocation(scope: $0, issuedUpTo: time, until: time)) }
                + scopes.map { .revocation(Revocation(scope: $0, issuedUpTo: time, until: .max)) })
        try await access.load()
        _ = access.index.standing(of: session)
        _ = access.index.issueTime(for: session.member, now: TestWorld.now)
        let revoked = try await access.revocations(of: scopes, now: TestWorld.now, lifetimes: SessionLifetimes())
        try await access.write(revoked.map { .revocation($0) })
        _ = access.index.isPlausible(session, now: TestWorld.now)
        #expect(access.index.standing(of: session) == .revoked)
        access.index.sweep(uptime: TestWorld.now)
    }
}

private struct Unreachable: HTTPClient {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse { throw .stopped }
}

extension HTTPAnswer {
    fileprivate var response: HTTPResponse {
        get async {
            switch self {
            case .now(let response): response
            case .later(let work): await work()
            }
        }
    }
}
