import HTTP
import TestSupport
import Testing

@testable import Gateway

/// Every address to which a parameter can send a browser, through whole logins.
@Suite struct `Redirect targets` {
    private typealias Target = RedirectTargets.Target

    /// What became of a value: nil where it was not followed.
    private typealias Outcome = (target: Target, followedTo: String?)

    /// Eight logins at a time.
    private static func outcomes(
        of targets: [Target], _ follow: @escaping @Sendable (Target) async throws -> String?
    ) async throws -> [Outcome] {
        try await withThrowingTaskGroup(of: [Outcome].self) { group in
            for lane in 0..<8 {
                let share = stride(from: lane, to: targets.count, by: 8).map { targets[$0] }
                group.addTask {
                    var outcomes: [Outcome] = []
                    for target in share { outcomes.append((target, try await follow(target))) }
                    return outcomes
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func expectHome(_ outcomes: [Outcome], atLeast count: Int) {
        for (target, location) in outcomes {
            if let location {
                #expect(
                    location == target.followed && WhereBrowsersGo.isHome(location), "\(target.value) → \(location)")
                #expect(target.isHomeToChromium != false, "\(target.value)")
            } else {
                #expect(!target.isPlainPath, "not followed: \(target.value)")
            }
        }
        #expect(outcomes.count { $0.followedTo != nil } >= count)
    }

    private static func targets() throws -> [Target] {
        try (Vectors.isThere ? RedirectTargets.published() : []) + RedirectTargets.generated(150)
    }

    @Test(.enabled(if: Vectors.isThere, "GATEWAY_VECTORS is not set: nothing to hold it against"))
    func `our reading of the URL standard is Chromium's`() throws {
        let rows = try RedirectTargets.published()
        // Of what Chromium takes for home, spellings of the host that we would not follow may be missing.
        let away = rows.filter { WhereBrowsersGo.isHome($0.value) && $0.isHomeToChromium == false }
        let missed = rows.filter { !WhereBrowsersGo.isHome($0.value) && $0.isHomeToChromium == true }
        #expect(rows.count == 2209 && away.isEmpty && missed.count < 12, "\(away.map(\.value)) \(missed.map(\.value))")
    }

    @Test func `RT-29 RT-30 RT-31 RT-33 RT-39 RT-41 none leaves the origin through the login`() async throws {
        try await LoginWorld.run { world in
            let outcomes = try await Self.outcomes(of: Self.targets()) { target in
                let answer = try await world.browser().callBack(world.standIn.click() + "&url=" + target.wire)
                // What no header or page can carry is refused as a whole.
                if answer.status == 400 { return nil }
                #expect(answer.status == 303, "\(target.value): \(answer.status)")
                return answer.location == "/dashboard" ? nil : answer.location
            }
            Self.expectHome(outcomes, atLeast: Vectors.isThere ? 300 : 100)
        }
    }

    @Test func `RT-29 RT-35 RT-39 none leaves the origin through a start at the app`() async throws {
        try await LoginWorld.run { world in
            let outcomes = try await Self.outcomes(of: Self.targets()) { target in
                let browser = world.browser()
                let start = try await browser.get("/sso/start?integration=acme&rd=" + target.wire)
                if start.status == 400 { return nil }
                #expect(start.location.hasPrefix(world.standIn.url + "/sso/integrations/acme?sso_flow="))
                let landed = try await browser.open(start.location)
                #expect(landed.status == 303, "\(target.value): \(landed.status)")
                return landed.location == "/dashboard" ? nil : landed.location
            }
            Self.expectHome(outcomes, atLeast: Vectors.isThere ? 300 : 100)
        }
    }

    @Test func `RT-29 a confirmation leads to our own origin too`() async throws {
        try await LoginWorld.run({ $0.confirm = .always }) { world in
            for target in RedirectTargets.generated(4) {
                let browser = world.browser()
                let confirmation = try await browser.callBack(world.standIn.click() + "&url=" + target.wire)
                guard confirmation.status == 200 else { continue }
                let ticket = try #require(confirmation.field("ticket"))
                let landed = try await browser.post("/sso/switch", "ticket=\(ticket)&answer=switch")
                #expect(landed.status == 303)
                let isFollowed = landed.location == target.followed && WhereBrowsersGo.isHome(landed.location)
                #expect(isFollowed || landed.location == "/dashboard", "\(target.value) → \(landed.location)")
            }
        }
    }

    private static let names = [
        "rd", "url", "redirect", "redirect_uri", "redirect_url", "post_logout_redirect_uri", "return_to", "next",
        "target_link_uri", "continue", "RelayState", "pr",
    ]

    @Test func `RT-34 RT-36 signing out leads to one page, whatever the address says`() async throws {
        try await LoginWorld.run { world in
            for target in RedirectTargets.generated(2) {
                let query = Self.names.map { "\($0)=\(target.wire)" }.joined(separator: "&")
                let browser = world.browser()
                _ = try await browser.callBack(world.standIn.click())
                let page = try await browser.get("/sso/sign_out?" + query)
                #expect(page.status == 200 && page.location.isEmpty && !page.body.contains("evil"))
                let gone = try await browser.post("/sso/sign_out?" + query, query)
                #expect(gone.status == 303 && gone.location == "/sso/sign_out", "\(gone.location)")
            }
        }
    }

    @Test func `RT-35 RT-41 no other parameter is a target`() async throws {
        try await LoginWorld.run { world in
            for name in Self.names where name != "url" {
                for target in ["https://evil.test/", "//evil.test", "/own"] {
                    let browser = world.browser()
                    let landed = try await browser.callBack(world.standIn.click() + "&\(name)=\(target)")
                    #expect(landed.location == "/dashboard", "\(name)")
                    let start = try await world.browser().get(
                        "/sso/start?integration=acme&rd=/home&" + (name == "rd" ? "x" : name) + "=" + target)
                    #expect(start.location.hasPrefix(world.standIn.url) && !start.location.contains("own"), "\(name)")
                }
            }
        }
    }

    @Test func `RT-37 no address that we send a browser to carries a credential`() async throws {
        try await LoginWorld.run { world in
            let browser = world.browser()
            var locations: [String] = []
            var answer = try await browser.get("/sso/start?rd=/reports")
            while !answer.location.isEmpty, answer.location != "/reports" {
                // The marketplace's own redirect has the code, which is its protocol; ours begin behind it.
                if answer.url.hasPrefix(LoginWorld.origin) { locations.append(answer.location) }
                answer = try await browser.get(answer.location)
            }
            locations.append(answer.location)
            for path in ["/sso/sign_out", "/sso/session", "/sso/start?rd=/x"] {
                locations.append(try await browser.get(path).location)
            }
            let secrets = world.standIn.secrets
            let session = try #require(browser[cookie: TestBrowser.sessionName])
            #expect(locations.count == 5 && !secrets.codes.isEmpty && !secrets.tokens.isEmpty)
            for secret in secrets.codes + secrets.states + secrets.tokens + [session] {
                #expect(locations.allSatisfy { !$0.contains(secret) })
            }
        }
    }

    @Test func `RT-38 what travels between two requests is sealed`() async throws {
        try await LoginWorld.run { world in
            let victim = world.browser()
            let other = world.browser()
            let begun = try await other.get("/sso/start?rd=/planted").location
            let nonce = try #require(begun.split(separator: "=").last.map(String.init))
            // Until it has a cookie of ours, such an address leads it nowhere at all.
            let page = try await victim.callBack(world.standIn.click() + "&sso_flow=\(nonce)&rd=/planted")
            #expect(page.status == 400 && page.title == LoginFailure.cookiesBlocked.title && page.session == nil)
            // A flow of another browser, none at all, a cookie of one's own making: nothing is taken from the address.
            for flow in [nonce, String(nonce.reversed()), "", "x", nonce.uppercased()] {
                let landed = try await victim.callBack(world.standIn.click() + "&sso_flow=\(flow)&rd=/planted")
                #expect(landed.status == 303 && landed.location == "/dashboard", "\(flow)")
            }
            let name = try #require(other.cookieNames.first { $0.contains("flow") })
            let sealed = try #require(other[cookie: name])
            for value in [String(sealed.dropLast()) + "A", "/planted", sealed + "A", String(sealed.reversed())] {
                victim[cookie: name] = value
                let landed = try await victim.callBack(world.standIn.click() + "&sso_flow=\(nonce)")
                #expect(landed.location == "/dashboard" || value == sealed, "\(value)")
            }
        }
    }
}
