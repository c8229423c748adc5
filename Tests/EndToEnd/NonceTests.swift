import Gateway
import Testing

@testable import ProviderStandIn
@testable import sso_gateway

/// A login that began at the gateway is bound to the browser it began in; without that proof it is an ordinary one.
@Suite struct NonceTests {
    private static func begin(_ browser: TestBrowser) async throws -> Substring {
        let start = try await browser.get("/sso/start?rd=/kept")
        let nonce = start.location.split(separator: "=").last ?? ""
        #expect(nonce.count == 32)
        return nonce
    }

    @Test func `RT-77 only this browser's nonce replaces the confirmation, and only once`() async throws {
        try await LoginWorld.run {
            $0.confirm = .always
        } _: { world in
            let browser = world.browser()
            let nonce = try await Self.begin(browser)
            let other = world.browser()
            let foreign = try await Self.begin(other)
            var changed = Array(nonce.utf8)
            changed[31] = changed[31] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")

            let wrong = [
                "", "&sso_flow=", "&sso_flow=\(foreign)", "&sso_flow=\(String(decoding: changed, as: UTF8.self))",
                "&sso_flow=\(nonce.dropLast())", "&sso_flow=\(nonce)0", "&sso_flow=\(nonce.dropLast())x",
            ]
            let cookie = try #require(browser.cookieNames.first { $0.contains("flow") })
            let held = browser[cookie: cookie]
            for flow in wrong {
                let answer = try await browser.callBack(world.standIn.click() + flow)
                #expect(answer.status == 200 && answer.session == nil, "\(flow)")
                #expect(try await browser.session() == nil)
                // A failed attempt may have taken the cookie away.
                browser[cookie: cookie] = held
            }
            let landed = try await browser.callBack(world.standIn.click() + "&sso_flow=\(nonce)")
            #expect(landed.status == 303 && landed.location == "/kept")
            let again = try await browser.callBack(world.standIn.click(LoginWorld.ben) + "&sso_flow=\(nonce)")
            #expect(again.status == 200 && again.session == nil)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
        }
    }

    @Test func `RT-77 a nonce is good for ten minutes`() async throws {
        try await LoginWorld.run {
            $0.confirm = .always
        } _: { world in
            let browser = world.browser()
            let nonce = try await Self.begin(browser)
            world.plan.clock.advance(by: 601)
            let answer = try await browser.callBack(world.standIn.click() + "&sso_flow=\(nonce)")
            #expect(answer.status == 200 && answer.session == nil)
        }
    }

    @Test func `RT-77 another person's finished login does not replace a session, whatever its nonce`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            _ = try await browser.callBack(world.standIn.click(LoginWorld.ada))
            let foreign = try await Self.begin(world.browser())
            let answer = try await browser.callBack(world.standIn.click(LoginWorld.ben) + "&sso_flow=\(foreign)")
            #expect(answer.status == 200 && answer.session == nil)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
        }
    }
}
