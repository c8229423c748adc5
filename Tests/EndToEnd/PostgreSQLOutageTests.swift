import CurlHTTPClient
import HTTP
import PostgreSQLClient
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// A gateway whose PostgreSQL is away for a while.
@Suite(.serialized) struct PostgreSQLOutageTests {
    private func run(
        _ policy: LoginSettings.WhenStoreUnavailable, unknown: UnknownInstallations = .allow,
        _ body: (LoginWorld, PostgreSQLServer) async throws -> Void
    ) async throws {
        let server = try PostgreSQLServer()
        let address = try PostgreSQLAddress(server.database())
        try await LoginWorld.run {
            $0.store = .postgreSQL(address, passwordFile: nil)
            $0.whenStoreUnavailable = policy
            $0.unknown = unknown
        } _: { world in
            try await body(world, server)
        }
    }

    private func decision(_ browser: TestBrowser) async throws -> Int {
        try await browser.get("/authz/nginx", headers: LoginWorld.original).status
    }

    @Test func `signed-in people go on, logins are refused in words, and afterwards everything works`() async throws {
        try await run(.refuse) { world, server in
            let browser = world.browser()
            #expect(try await browser.callBack(world.standIn.click()).status == 303)
            server.stop("immediate")
            let refused = try await world.browser().callBack(world.standIn.click())
            #expect(refused.status == 503 && refused.title == LoginFailure.storeUnavailable.title)
            #expect(world.standIn.counters.exchanges == 1)
            for _ in 0..<20 { #expect(try await decision(browser) == 200) }
            try server.start()
            var status = 0
            for _ in 0..<300 where status != 303 {
                status = try await world.browser().callBack(world.standIn.click()).status
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(status == 303)
            #expect(try await browser.post("/sso/sign_out", "").status == 303)
        }
    }

    @Test func `a sign-out during the outage is not claimed to have worked`() async throws {
        try await run(.refuse) { world, server in
            let browser = world.browser()
            let session = try #require(try await browser.callBack(world.standIn.click()).session)
            server.stop("immediate")
            #expect(try await browser.post("/sso/sign_out", "").status == 503)
            browser[cookie: TestBrowser.sessionName] = session
            #expect(try await decision(browser) == 200)
            try server.start()
        }
    }

    @Test func `logins go on where the operator chose that, and a code still works once only`() async throws {
        try await run(.continue) { world, server in
            server.stop("immediate")
            let (browser, query) = (world.browser(), world.standIn.click())
            #expect(try await browser.callBack(query).status == 303)
            #expect(try await decision(browser) == 200)
            // Known to be away: the next login does not wait for it.
            let time = try await leastTime(until: .seconds(3)) {
                let login = try await world.browser().callBack(world.standIn.click(LoginWorld.ben))
                #expect(login.status == 303)
            }
            #expect(time < .seconds(3))
            let exchanges = world.standIn.counters.exchanges
            let other = try await world.browser().callBack(query)
            #expect(other.session == nil && world.standIn.counters.exchanges == exchanges)
            try server.start()
            let ready = HTTPClientRequest(.get, world.adminURL + "/ready", timeout: .seconds(10))
            var report = ""
            for _ in 0..<300 where !report.contains(#""status":"ready""#) {
                try await Task.sleep(for: .milliseconds(100))
                report = try await world.client.send(ready).body.exposedText?.string ?? ""
            }
            let later = try await world.browser().callBack(query)
            #expect(later.session == nil && world.standIn.counters.exchanges == exchanges)
        }
    }

    @Test func `an installation that only the store could vouch for is refused during the outage`() async throws {
        try await run(.continue, unknown: .refuse) { world, server in
            server.stop("immediate")
            let refused = try await world.browser().callBack(world.standIn.click())
            #expect(refused.session == nil && refused.status == 503)
            try server.start()
        }
    }
}
