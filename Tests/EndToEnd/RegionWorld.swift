import CurlHTTPClient
import HTTP
import Locking
import MicroHTTPServer
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// One marketplace, whose redirect login URL is the region `us`, and three regions that share a ring and nothing else.
struct RegionWorld: Sendable {
    struct Region: Sendable {
        let name: String
        let gateway: RunningGateway
        let clock: TestClock
        let log: LogCollector

        var origin: String { RegionWorld.origins[name] ?? "" }
        var adminAddress: String { "http://127.0.0.1:\(gateway.adminListener.port)" }

        /// The reason of the newest failed login.
        var lastFailure: String {
            let line = log.all.last { $0.hasPrefix("login_failed") } ?? ""
            return line.split(separator: " ").first { $0.hasPrefix("reason=") }.map { String($0.dropFirst(7)) } ?? ""
        }
    }

    struct Plan {
        /// Installation → region.
        var homes: [String: String] = [:]
        /// Of each region; nil for the region itself.
        var unknown: [String: String] = ["us": "eu"]
        /// Rings of regions that do not have the common one.
        var rings: [String: KeyRing] = [:]
        var integrations = [LoginWorld.Plan.acme()]
        /// Of `us`.
        var store = StoreSetting.memory
        var origins = RegionWorld.origins
    }

    static let origins = [
        "us": LoginWorld.origin, "eu": "https://eu.example.test", "ap": "https://ap.example.test",
    ]

    let standIn: StandInServer
    let regions: [String: Region]
    let client: CurlHTTPClient

    var us: Region { self["us"] }
    var eu: Region { self["eu"] }
    var ap: Region { self["ap"] }

    subscript(name: String) -> Region {
        guard let region = regions[name] else { preconditionFailure("a region") }
        return region
    }

    static func run<Result>(
        _ change: (inout Plan) -> Void = { _ in }, _ body: (RegionWorld) async throws -> Result
    ) async throws -> Result {
        var plan = Plan()
        change(&plan)
        var common = LoginWorld.Plan()
        common.integrations = plan.integrations
        let standIn = try LoginWorld.standIn(common)
        let client = try CurlHTTPClient(ClientSettings())
        let ring = KeyRing([KeyRing.Key(id: "99999999", secret: SecretBytes([UInt8](repeating: 7, count: 32)))])
        var regions: [String: Region] = [:]
        func stop() async {
            client.stop()
            for region in regions.values { await region.gateway.stop(within: .zero) }
            await standIn.stop()
        }
        do {
            for name in plan.origins.keys {
                regions[name] = try await start(name, plan, standIn, ring: plan.rings[name] ?? ring)
            }
            let result = try await body(RegionWorld(standIn: standIn, regions: regions, client: client))
            await stop()
            return result
        } catch {
            await stop()
            throw error
        }
    }

    private static func start(_ name: String, _ plan: Plan, _ standIn: StandInServer, ring: KeyRing) async throws
        -> Region
    {
        var login = LoginWorld.Plan()
        login.integrations = plan.integrations
        login.adminToken = "admin"
        // The home has the installations' tokens; the receiving region knows nothing of them.
        login.hasTokens = name != "us"
        let all = plan.origins.compactMap { name, origin in
            WebOrigin(origin).map { RegionSettings.Region(name: name, origin: $0) }
        }
        guard let here = all.first(where: { $0.name == name }) else { preconditionFailure("a region") }
        var configuration = try LoginWorld.configuration(login, standIn.url)
        configuration.gateway.publicOrigin = here.origin
        if name == "us" { configuration.store = plan.store }
        configuration.gateway.regions = RegionSettings(
            here: here, others: all.filter { $0 != here }, ring: ring,
            homes: Dictionary(uniqueKeysWithValues: plan.homes.map { (UntrustedText($0.key), $0.value) }),
            unknown: plan.unknown[name])
        let log = LogCollector()
        return Region(
            name: name, gateway: try await RunningGateway(configuration, log: log.log, clock: login.clock.clock),
            clock: login.clock, log: log)
    }

    func browser() -> TestBrowser {
        var places = [standIn.url: standIn.url]
        for region in regions.values {
            places[region.origin] = "http://127.0.0.1:\(region.gateway.publicListener.port)"
        }
        return TestBrowser(client, places)
    }

    /// The installation in the stand-in.
    static let installation = LoginWorld.Plan.acme().installations[0].id

    /// The three redirects of a hand-over, step by step.
    struct Way {
        let toVisit: String
        let toTicket: String
        let toArrival: String
    }

    /// A webhook of the marketplace at one region.
    func sendWebhook(to region: Region, type: String, payload: String) async throws {
        let body =
            #"{"id":"evt_1","type":"\#(type)","createdAt":\#(region.clock.seconds() * 1000),"payload":\#(payload)}"#
        let signature = WebhookMessage.signature(of: body, secret: standIn.settings.integrations[0].clientSecret)
        let response = try await client.send(
            HTTPClientRequest(
                .post, "http://127.0.0.1:\(region.gateway.publicListener.port)/sso/webhook",
                headers: ["Content-Type": "application/json", "x-vercel-signature": signature],
                body: SecretBytes(body), timeout: .seconds(10)))
        #expect(response.status == .ok)
    }

    /// Asks the admin listener of `us` about the installation.
    func administer(_ method: HTTPMethod, _ body: String? = nil) async throws -> (status: Int, body: String) {
        let response = try await client.send(
            HTTPClientRequest(
                method, "\(us.adminAddress)/admin/installations/\(Self.installation)",
                headers: ["Content-Type": "application/json", "Authorization": "Bearer admin"],
                body: body.map { SecretBytes($0) }, timeout: .seconds(20)))
        return (response.status.rawValue, response.body.exposedText?.string ?? "")
    }

    /// Goes up to the redirect to the arrival.
    func way(_ browser: TestBrowser, user: String = LoginWorld.ada, _ query: String = "") async throws -> Way {
        let toVisit = try await browser.callBack(standIn.click(user) + query).location
        let toTicket = try await browser.get(toVisit).location
        return Way(toVisit: toVisit, toTicket: toTicket, toArrival: try await browser.get(toTicket).location)
    }

    /// The session's fields in a region; nil without a session.
    func session(_ browser: TestBrowser, in region: Region) async throws -> String? {
        let answer = try await browser.get(region.origin + "/sso/session")
        return answer.status == 200 ? answer.body : nil
    }
}
