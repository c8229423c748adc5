import HTTP
import Marketplace
import Synchronization
import Testing

@testable import Gateway

@Suite struct `sessions opened before` {
    private let seal = SessionSeal(
        TestWorld.ring, cookieName: "__Host-sso_session", integrations: ["live"], origin: TestWorld.origin())

    @Test func `are opened once and are the same session`() {
        let opened = OpenedSessions()
        let openings = Atomic(0)
        let session = TestWorld.session()
        let cookie = Array(seal.seal(session).utf8)[...]
        func find() -> Session? {
            opened.session(in: cookie) {
                openings.wrappingAdd(1, ordering: .relaxed)
                return seal.open($0)
            }
        }
        let first = find()
        #expect(first == session)
        #expect(find() == first && find() == first && openings.load(ordering: .relaxed) == 1)
    }

    @Test func `answer to no other text than the whole cookie`() {
        let opened = OpenedSessions()
        let cookie = Array(seal.seal(TestWorld.session()).utf8)
        #expect(opened.session(in: cookie[...], opening: seal.open) != nil)
        for place in cookie.indices {
            for bit in 0..<8 {
                var other = cookie
                other[place] ^= 1 << UInt8(bit)
                #expect(opened.session(in: other[...], opening: seal.open) == nil, "bit \(bit) of \(place)")
            }
        }
        for count in 0..<cookie.count {
            #expect(opened.session(in: cookie.prefix(count), opening: seal.open) == nil)
            #expect(opened.session(in: cookie.suffix(count), opening: seal.open) == nil)
        }
        #expect(opened.session(in: (cookie + [UInt8(ascii: "A")])[...], opening: seal.open) == nil)
    }

    @Test func `ten times as many sessions as places are never confused`() {
        let opened = OpenedSessions()
        let sessions = (0..<10 * OpenedSessions.maximumHeld).map { TestWorld.session(user: "user\($0)") }
        let cookies = sessions.map { Array(seal.seal($0).utf8) }
        for _ in 0..<2 {
            for (session, cookie) in zip(sessions, cookies) {
                let found = opened.session(in: cookie[...], opening: seal.open)
                if found != session { Issue.record("\(session.member.userID) is \(found?.member.userID ?? "none")") }
            }
        }
    }
}
