import OpenSSLCrypto
import SecretMemory
import Testing

@testable import Gateway

@Suite struct SessionSealTests {
    private func seal(_ origin: String = "https://app.example.test", cookie: String = "__Host-sso_session")
        -> SessionSeal
    {
        SessionSeal(
            TestWorld.ring, cookieName: cookie, integrations: ["live", "sandbox"], origin: TestWorld.origin(origin))
    }

    @Test(arguments: ["live", "sandbox"])
    func `opens what it sealed, field by field`(integration: String) {
        let session = TestWorld.session(name: "Zoë 山田", integration: integration)
        #expect(seal().open(seal().seal(session)) == session)
    }

    @Test func `RT-52 two seals of one session differ`() {
        let session = TestWorld.session()
        #expect(seal().seal(session) != seal().seal(session))
    }

    @Test func `opens nothing of another origin, cookie name, integration or key ring`() {
        let text = seal().seal(TestWorld.session())
        #expect(seal("https://other.example.test").open(text) == nil)
        #expect(seal(cookie: "sso_session").open(text) == nil)
        let others = SessionSeal(
            TestWorld.ring, cookieName: "__Host-sso_session", integrations: ["sandbox"], origin: TestWorld.origin())
        #expect(others.open(text) == nil)
        let ring = KeyRing([KeyRing.Key(id: "0a1b2c3d", secret: SecretBytes(SecureRandom.bytes(32)))])
        let foreign = SessionSeal(
            ring, cookieName: "__Host-sso_session", integrations: ["live"], origin: TestWorld.origin())
        #expect(foreign.open(text) == nil)
    }

    @Test func `RT-60 refuses a value sealed for another purpose`() {
        let context = SessionSeal.context(["x"])
        for sealed in SealingPurpose.allCases {
            let text = Sealer(TestWorld.ring, for: sealed).seal([1, 2, 3], authenticating: context)
            for opened in SealingPurpose.allCases {
                let content = Sealer(TestWorld.ring, for: opened).open(text, authenticating: context)
                #expect((content != nil) == (sealed == opened))
            }
        }
    }

    @Test func `refuses every change of a single character`() {
        let text = Array(seal().seal(TestWorld.session()).utf8)
        for position in text.indices {
            var changed = text
            changed[position] = changed[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(seal().open(String(decoding: changed, as: UTF8.self)) == nil, "position \(position)")
        }
        for length in 0..<text.count {
            #expect(seal().open(String(decoding: text[..<length], as: UTF8.self)) == nil)
        }
    }

    @Test func `RT-51 a byte cannot move across a field boundary`() {
        var first = SealedFieldWriter()
        first.put("ab")
        first.put("c")
        var second = SealedFieldWriter()
        second.put("a")
        second.put("bc")
        #expect(first.bytes != second.bytes)
    }

    @Test func `stays within 1,024 bytes for names and addresses of 128 bytes`() throws {
        let long = String(repeating: "é", count: 64)
        let session = TestWorld.session(
            name: long, email: long, avatar: "https://images.example.test/" + String(repeating: "a", count: 900))
        let text = seal().seal(session)
        #expect("__Host-sso_session=".utf8.count + text.utf8.count <= 1024)
        let opened = try #require(seal().open(text))
        #expect(opened.name == long && opened.email == long && opened.avatarURL.isEmpty)
    }

    @Test func `keeps an avatar address that fits`() {
        let session = TestWorld.session(avatar: "https://images.example.test/ada.png")
        #expect(seal().open(seal().seal(session))?.avatarURL == session.avatarURL)
    }

    @Test(arguments: ["", ".", "0a1b2c3d", "0a1b2c3d.", "0a1b2c3d.AAAA", "ffffffff.AAAA", "0a1b2c3d.=", "a.b.c"])
    func `refuses what is no sealed text`(text: String) {
        #expect(seal().open(text) == nil)
    }

    @Test func `RT-53 a cookie above the cap is refused before it is decoded`() {
        #expect(seal().open("0a1b2c3d." + String(repeating: "A", count: 100_000)) == nil)
    }
}

@Suite struct SessionLifetimesTests {
    private let lifetimes = SessionLifetimes(idle: 900, absolute: 28_800)

    @Test(arguments: [(0, true), (899, true), (900, false), (100_000, false)])
    func `ends after the idle time`(age: Int64, isLive: Bool) {
        #expect(lifetimes.isLive(TestWorld.session(), now: TestWorld.now + age) == isLive)
    }

    @Test func `ends at the absolute time however often it was renewed`() {
        var session = TestWorld.session()
        session.lastRenewed = TestWorld.now + 28_790
        #expect(lifetimes.isLive(session, now: TestWorld.now + 28_799))
        #expect(!lifetimes.isLive(session, now: TestWorld.now + 28_800))
    }

    @Test(arguments: [(0, false), (299, false), (300, true), (899, true)])
    func `is renewed when a third of the idle time has passed`(age: Int64, wants: Bool) {
        #expect(lifetimes.wantsRenewal(TestWorld.session(), now: TestWorld.now + age) == wants)
    }
}

extension SessionSeal {
    fileprivate func open(_ text: String) -> Session? { open(Array(text.utf8)[...]) }
}

extension Sealer {
    fileprivate func open(_ text: String, authenticating context: [UInt8]) -> [UInt8]? {
        open(Array(text.utf8)[...], authenticating: context)
    }
}
