import CurlHTTPClient
import HTTP
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

@Suite struct RegionTests {
    @Test func `a login ends in the region where its installation is at home`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let answer = try await browser.open(
                LoginWorld.origin + "/sso/callback?" + world.standIn.click() + "&resource_id=db_engine")
            #expect(answer.url.hasPrefix("https://eu.example.test/sso/region/arrival?ticket="))
            #expect(answer.status == 303 && answer.location == "/resources/db_engine")
            #expect(try await world.session(browser, in: world.eu)?.contains(LoginWorld.ada) == true)
            #expect(try await world.session(browser, in: world.us) == nil)
            // No cookie of the way is left.
            #expect(browser.cookieNames(at: world.eu.origin) == ["__Host-sso_session"])
            #expect(browser.cookieNames(at: world.us.origin).isEmpty)
            let line = try #require(world.us.log.all.first { $0.hasPrefix("login_handed_over") })
            #expect(line.contains("region=eu") && line.contains("user=\(LoginWorld.ada)"))
            #expect(world.eu.log.all.contains { $0.hasPrefix("login_succeeded") })
            #expect(world.standIn.counters.exchanges == 1)
        }
    }

    @Test(
        arguments: [
            // By rule, by store, and where neither knows.
            ("us", nil, "us"), ("ap", nil, "ap"), ("eu", #"{"access_token":"t"}"#, "eu"),
            ("eu", #"{"region":"ap"}"#, "eu"),
            (nil, #"{"access_token":"t"}"#, "us"), (nil, #"{"access_token":"t","region":"us"}"#, "us"),
            (nil, #"{"region":"ap"}"#, "ap"), (nil, #"{"region":"eu"}"#, "eu"), (nil, nil, "eu"),
        ] as [(String?, String?, String)])
    func `the home is named by rule, by what the store knows, or by unknown`(
        rule: String?, stored: String?, home: String
    ) async throws {
        try await RegionWorld.run {
            if let rule { $0.homes = [RegionWorld.installation: rule] }
        } _: { world in
            if let stored { #expect(try await world.administer(.put, stored).status == 200) }
            let browser = world.browser()
            let answer = try await browser.open(LoginWorld.origin + "/sso/callback?" + world.standIn.click())
            #expect(answer.status == 303 && answer.url.hasPrefix(world[home].origin + "/"))
            for region in world.regions.values {
                let session = try await world.session(browser, in: region)
                #expect((session != nil) == (region.name == home), "\(region.name)")
            }
        }
    }

    @Test func `the command stores a home`() async throws {
        try await RegionWorld.run { world in
            let folder = try TestFolder()
            let token = try folder.write("token", "admin")
            func put(_ region: String) async throws -> (code: Int32, output: String) {
                try await GatewayProcess.run(
                    [
                        "installations", "put", RegionWorld.installation, "--region", region, "--admin",
                        world.us.adminAddress, "--admin-token-file", token,
                    ], in: folder)
            }
            let stored = try await put("ap")
            #expect(stored.code == 0, "\(stored)")
            let wrong = try await put("mars")
            #expect(wrong.code == 1 && wrong.output.contains("region is one of us, "), "\(wrong)")
            let page = try await world.browser().open(LoginWorld.origin + "/sso/callback?" + world.standIn.click())
            #expect(page.status == 303 && page.url.hasPrefix(world.ap.origin))
        }
    }

    @Test func `a stored home ends with the installation`() async throws {
        try await RegionWorld.run { world in
            #expect(try await world.administer(.put, #"{"region":"eu"}"#).status == 200)
            #expect(try await world.administer(.delete).status == 200)
            // It stays removed.
            let answer = try await world.administer(.put, #"{"region":"ap"}"#)
            #expect(answer.body.contains(#""status":"removed""#) && answer.body.contains(#""region":"ap""#))
            let page = try await world.browser().open(LoginWorld.origin + "/sso/callback?" + world.standIn.click())
            #expect(page.status == 403 && page.url.hasPrefix(LoginWorld.origin))
            #expect(world.us.lastFailure == "installation_gone")
        }
    }

    @Test(arguments: [#""mars""#, "null", "1", #""""#, #""EU""#, #"["eu"]"#])
    func `only a configured region can be stored as a home`(region: String) async throws {
        try await RegionWorld.run { world in
            let answer = try await world.administer(.put, #"{"region":\#(region)}"#)
            #expect(answer.status == 400 && answer.body.contains("region is one of us, "))
            #expect(try await world.administer(.get).status == 404)
        }
    }

    @Test func `a login is refused where a reload removed the stored home`() async throws {
        let folder = try TestFolder()
        let store = StoreSetting.sqlite(folder.path + "/gateway.db")
        try await RegionWorld.run {
            $0.store = store
        } _: { world in
            let stored = try await world.administer(.put, #"{"region":"ap"}"#)
            #expect(stored.status == 200)
        }
        try await RegionWorld.run {
            $0.store = store
            $0.origins["ap"] = nil
        } _: { world in
            let page = try await world.browser().open(LoginWorld.origin + "/sso/callback?" + world.standIn.click())
            #expect(page.status == 400 && world.us.lastFailure == "region_home")
        }
    }

    @Test func `a region that is handed a login keeps it, whatever its own rules say`() async throws {
        try await RegionWorld.run {
            $0.unknown = ["us": "eu", "eu": "us"]
        } _: { world in
            let browser = world.browser()
            let answer = try await browser.open(LoginWorld.origin + "/sso/callback?" + world.standIn.click())
            #expect(answer.status == 303 && answer.url.hasPrefix(world.eu.origin))
            #expect(try await world.session(browser, in: world.eu) != nil)
        }
    }

    @Test(arguments: ["us", "eu"])
    func `a login that began in either region leads to its page`(start: String) async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let answer = try await browser.open(world[start].origin + "/sso/start?rd=/reports%3Funit%3Dms")
            #expect(answer.status == 303 && answer.url.hasPrefix(world.eu.origin))
            #expect(answer.location == "/reports?unit=ms")
            // It guards against a login that goes in circles.
            let left = start == "us" ? ["__Host-sso_logins"] : []
            #expect(browser.cookieNames(at: world.us.origin) == left)
        }
    }

    @Test func `a page of this region becomes the other region's`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let answer = try await browser.open(
                LoginWorld.origin + "/sso/start?rd=https%3A%2F%2Fapp.example.test%2Freports")
            #expect(answer.status == 303 && answer.location == "/reports")
        }
    }

    @Test func `the address of a page of this region becomes the other region's`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            let answer = try await browser.open(
                LoginWorld.origin + "/sso/callback?" + world.standIn.click()
                    + "&url=https%3A%2F%2Fapp.example.test%2Freports%3Funit%3Dms")
            #expect(answer.status == 303 && answer.location == "/reports?unit=ms")
        }
    }

    @Test func `the largest targets that fit arrive`() async throws {
        try await RegionWorld.run { world in
            let path = "/" + String(repeating: "x", count: HandedOverLogin.maximumTargets - 4)
            let browser = world.browser()
            let callback = try await browser.callBack(world.standIn.click() + "&url=" + path)
            let cookie = try #require(callback.headers.all("Set-Cookie").first { $0.contains("sso_departure_") })
            #expect(cookie.utf8.count < 2300)
            let answer = try await browser.open(callback.location)
            #expect(answer.status == 303 && answer.location == path)
        }
    }

    @Test func `targets that are too long are left out, and the login goes on`() async throws {
        try await RegionWorld.run { world in
            let long = String(repeating: "x", count: 600)
            let browser = world.browser()
            let answer = try await browser.open(
                LoginWorld.origin + "/sso/callback?" + world.standIn.click() + "&url=/\(long)&resource_id=a")
            #expect(answer.status == 303 && answer.location == "/dashboard")
        }
    }

    @Test func `a member who was removed at home is refused there`() async throws {
        try await RegionWorld.run { world in
            world.standIn.fail(.memberNone)
            let browser = world.browser()
            let answer = try await browser.open(LoginWorld.origin + "/sso/callback?" + world.standIn.click())
            #expect(answer.status == 403 && answer.url.hasPrefix(world.eu.origin))
            #expect(answer.title == LoginFailure.accessRemoved.title)
            #expect(world.eu.log.all.contains { $0.hasPrefix("member_removed") && $0.contains(LoginWorld.ada) })
            #expect(try await world.session(browser, in: world.eu) == nil)
        }
    }

    @Test func `RT-42: another member's session at home is not replaced without a confirmation`() async throws {
        try await RegionWorld.run { world in
            let browser = world.browser()
            _ = try await browser.open(LoginWorld.origin + "/sso/callback?" + world.standIn.click(LoginWorld.ada))
            let answer = try await browser.open(
                LoginWorld.origin + "/sso/callback?" + world.standIn.click(LoginWorld.ben))
            #expect(answer.status == 200 && answer.title == "Switch to Ben Viewer?")
            #expect(try await world.session(browser, in: world.eu)?.contains(LoginWorld.ada) == true)
        }
    }

    @Test func `a standard login is handed over too`() async throws {
        try await RegionWorld.run {
            $0.integrations = [LoginWorld.Plan.standard()]
        } _: { world in
            let browser = world.browser()
            let link = "/sso/integrations/acme?user=\(LoginWorld.ada)&resource_id=db_engine"
            let answer = try await browser.open(world.standIn.url + link)
            #expect(answer.status == 303 && answer.location == "/resources/db_engine")
            #expect(answer.url.hasPrefix(world.eu.origin))
            #expect(browser.cookieNames(at: world.us.origin) == ["__Host-sso_logins"])
        }
    }

    /// The receiving region's clock decides about the token, the home's clock about the session.
    @Test(arguments: [-120, -50, 50, 120] as [Int64])
    func `clocks that differ by two minutes hand over`(difference: Int64) async throws {
        try await RegionWorld.run { world in
            world.eu.clock.advance(by: difference)
            let browser = world.browser()
            let answer = try await browser.open(LoginWorld.origin + "/sso/callback?" + world.standIn.click())
            #expect(answer.status == 303 && answer.url.hasPrefix(world.eu.origin))
            #expect(try await world.session(browser, in: world.eu) != nil)
        }
    }
}
