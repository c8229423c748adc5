import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import Storage
@testable import sso_gateway

/// Where the installation's token comes from, seen from a login: the look-up that needs it demotes Ada.
@Suite struct TokenSourceTests {
    private static let installation = LoginWorld.Plan.acme().installations[0]
    private static let key = InstallationKey(integration: "acme", installationID: installation.id)

    /// In seconds. A login without a look-up uses a removal of the last minute.
    private static let untilForgotten = LiveStore.skew + 10

    /// The role of Ada's login; the page's title where there is none.
    private func role(_ world: LoginWorld) async throws -> String {
        world.standIn.fail(.memberDemoted)
        let browser = world.browser()
        let answer = try await browser.callBack(world.standIn.click(LoginWorld.ada))
        guard answer.status == 303 else { return answer.title }
        return try await browser.get("/authz/nginx", headers: LoginWorld.original).headers["X-SSO-Role"] ?? ""
    }

    @Test func `from a file, as it is at that moment`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("tokens.json", "{}")
        try await LoginWorld.run {
            $0.tokens = .file(TokenFileOnDisk(path: path))
        } _: { world async throws in
            #expect(try await role(world) == "ADMIN")
            try folder.write("tokens.json", #"{"\#(Self.installation.id)":"\#(Self.installation.accessToken)"}"#)
            #expect(try await role(world) == "USER")
            try folder.write("tokens.json", "broken")
            #expect(try await role(world) == "USER")
            #expect(world.log.all.filter { $0.hasPrefix("token_file_unreadable") }.count == 1)
            try folder.write("tokens.json", #"{"\#(Self.installation.id)":"another"}"#)
            world.plan.clock.advance(by: Self.untilForgotten)
            #expect(try await role(world) == "ADMIN")
            #expect(world.log.all.contains { $0.contains("token_refused") })
            #expect(!world.log.all.contains { $0.contains(Self.installation.accessToken) })
        }
    }

    @Test func `from the marketplace by client credentials, once for many logins`() async throws {
        var plan = LoginWorld.Plan()
        let standIn = try StandInServer(StandInSettings(integrations: plan.integrations), clock: plan.clock)
        plan.tokens = .clientCredentials(
            url: standIn.url + "/login/oauth/token", parameters: [("installation_id", "{installation_id}")])
        try await LoginWorld.run(on: standIn, plan) { world async throws in
            for _ in 0..<3 { #expect(try await role(world) == "USER") }
            #expect(standIn.counters.tokenGrants == 1)
            // Shortly before it ends there is another.
            plan.clock.advance(by: 3000)
            #expect(try await role(world) == "USER")
            #expect(standIn.counters.tokenGrants == 1)
            plan.clock.advance(by: 560)
            #expect(try await role(world) == "USER")
            #expect(standIn.counters.tokenGrants == 2)
        }
        await standIn.stop()
    }

    @Test func `a login reads the installation once, for its status and its token`() async throws {
        try await LoginWorld.run { world async throws in
            func reads() async throws -> Int? {
                let metrics =
                    try await world.client.send(
                        HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(10))
                    ).body.exposedText?.string ?? ""
                let name = #"sso_gateway_store_calls_total{use="reading",outcome="succeeded"} "#
                let line = metrics.split(separator: "\n").first { $0.hasPrefix(name) }
                return line.flatMap { Int($0.dropFirst(name.count)) }
            }
            // The first login also looks up the account's name.
            #expect(try await role(world) == "USER")
            let before = try #require(try await reads())
            for _ in 0..<10 { #expect(try await role(world) == "USER") }
            // The read for the account may come late.
            let made = try #require(try await reads()) - before
            #expect((10...11).contains(made), "\(made)")
        }
    }

    @Test func `from the store, sealed: who reads the file learns nothing`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gateway.db")
        try await LoginWorld.run {
            $0.store = .sqlite(path)
            $0.tokens = .store
            $0.unknown = .refuse
        } _: { world async throws in
            #expect(try await role(world) == LoginFailure.notYourInstallation.title)
            let other = try SQLiteStore(path: path)
            let seal = InstallationTokenSeal(world.plan.ring)
            var record = Installation(
                key: Self.key, sealedToken: seal.seal(SecretBytes(Self.installation.accessToken), for: Self.key),
                changedAt: 1)
            try await other.write([.installation(record)])
            #expect(try await role(world) == "USER")
            for file in [path, path + "-wal"] {
                #expect(try !ReadFile.bytes(file).exposedBytes.contains(Array(Self.installation.accessToken.utf8)))
            }
            // Another installation's token, moved here by an attacker who can write to the file.
            let elsewhere = InstallationKey(integration: "acme", installationID: "icfg_other")
            record.sealedToken = seal.seal(SecretBytes(Self.installation.accessToken), for: elsewhere)
            try await other.write([.installation(record)])
            world.plan.clock.advance(by: Self.untilForgotten)
            #expect(try await role(world) != "USER")
            #expect(world.log.all.contains { $0.hasPrefix("token_unreadable") })
            record.status = .removing
            try await other.write([.installation(record)])
            #expect(try await role(world) == LoginFailure.accessRemoved.title)
            await other.close()
        }
    }
}
