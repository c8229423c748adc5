import ArgumentParser
import Foundation
import Glibc
import HTTP
import SecretMemory
import Storage
import TestSupport
import Testing

@testable import Gateway
@testable import sso_gateway

/// Compares the lists in the manual with the code.
@Suite struct DocumentationTests {
    static func read(_ path: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try ReadFile.text("/\(root)/\(path)")
    }

    static func page(_ name: String) throws -> String { try read("Sources/Gateway/Gateway.docc/\(name).md") }

    /// The quoted words in the first column of the table under a heading.
    static func firstColumn(_ text: String, under heading: String) -> Set<String> {
        let section = text.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { $0 != heading }.dropFirst().prefix { !$0.hasPrefix("#") || heading.hasPrefix("# ") }
        let cells = section.filter { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "|").first }
        return Set(
            cells.flatMap { cell in
                cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
                    .map {
                        String($0.element)
                    }
            })
    }

    @Test func `the manual lists the settings that the reader knows`() throws {
        let folder = try TemporaryFolder()
        try KeyRingOnDisk.create(folder.path("keys.json"), now: 0)
        try KeyRingOnDisk.create(folder.path("regions.json"), now: 0)
        // Every section, so that the reader looks up all keys.
        let digest = String(repeating: "0a", count: 32)
        let path = try folder.write(
            "gateway.yaml",
            """
            public_url: https://app.example.test
            key_ring: \(folder.path("keys.json"))
            session: {}
            members: {}
            login: {}
            log: {}
            regions:
              key_ring: \(folder.path("regions.json"))
              addresses: { us: "https://app.example.test", eu: "https://eu.example.test" }
              homes: { eu: [icfg_1] }
            connections: {}
            broker: { listen: "127.0.0.1:0", clients: { NAME: { token_sha256: \(digest), operations: all } } }
            rules: [{ allow: anyone }]
            integrations:
              NAME:
                client_id: oac_Test
                client_secret: s
                slug: acme
                installations: {}
                installation_token: { source: static, tokens: {} }
                routes: { default: /d, path: {} }

            """)
        let list = ProblemList(file: path)
        _ = try ReadConfiguration(path: path, environment: [:]).read(into: list)
        let sections: Set<String> = [
            "broker", "broker.clients", "broker.clients.NAME", "credits", "credits.marketplace", "credits.checkout",
            "branding",
            "session", "members", "login", "log", "regions", "regions.addresses", "regions.addresses.us",
            "regions.homes", "connections", "outbound", "rules",
            "integrations", "integrations.NAME",
            "integrations.NAME.installations", "integrations.NAME.installation_token", "integrations.NAME.routes",
        ]
        let known = Set(
            list.known.map { $0.replacing("rules[1]", with: "rules[]").replacing(".eu", with: ".NAME") }
        ).subtracting(sections)
        #expect(Self.firstColumn(try Self.page("Settings"), under: "# Settings") == known)
    }

    private static let ring = KeyRing([.init(id: "00000000", secret: .init([UInt8](repeating: 1, count: 32)))])

    private static func settings() throws -> GatewaySettings {
        var integration = IntegrationSettings(
            name: "live", clientID: "oac_Test", clientSecret: .init("s"), slug: "acme",
            routes: DeepLinkRoutes(default: try RouteTemplate("/")))
        integration.oidcPath = "/sso/oidc"
        let here = try #require(WebOrigin("https://app.example.test"))
        return GatewaySettings(
            publicOrigin: here,
            regions: RegionSettings(here: .init(name: "us", origin: here), others: [], ring: Self.ring),
            integrations: [integration])
    }

    @Test func `the manual lists the routes that answer`() throws {
        let observability = Observability(clock: .system)
        let parts = GatewayParts(
            settings: try Self.settings(), keyRing: Self.ring,
            access: LiveStore(MemoryStore(), lifetimes: SessionLifetimes(), observability), client: UnusedClient(),
            observability)
        var routes: Set<String> = ["GET \(Assets.prefix)…"]
        for route in parts.routes {
            switch route.place {
            // The marketplace may add a slash.
            case .exactly(let path) where path.hasSuffix("/"): break
            case .exactly(let path): for method in route.methods { routes.insert("\(method.rawValue) \(path)") }
            case .below(let prefix): routes.insert("\(prefix)…")
            }
        }
        #expect(Self.firstColumn(try Self.page("Routes"), under: "# Routes") == routes)
    }

    @Test func `the manual lists the pages and the placeholders of templates`() throws {
        let page = try Self.page("Branding")
        #expect(Self.firstColumn(page, under: "## Pages") == Set(PageName.allCases.map(\.rawValue)))
        let places = Set(PageTemplate.Place.allCases.map { "{{\($0.rawValue)}}" })
        #expect(Self.firstColumn(page, under: "## Templates") == places)
    }

    @Test func `the manual lists the commands`() throws {
        let commands = SSOGateway.configuration.subcommands.compactMap { $0.configuration.commandName }
        let listed = Self.firstColumn(try Self.page("Commands"), under: "# Commands").compactMap {
            $0.split(separator: " ").first
        }
        #expect(Set(listed.map(String.init)) == Set(commands))
    }

    @Test func `the manual lists what each command can do`() throws {
        let rows = try Self.page("Commands").split(separator: "\n")
        for command in SSOGateway.configuration.subcommands where command.configuration.commandName != "marketplace" {
            let name = command.configuration.commandName ?? ""
            let cells = rows.filter { $0.hasPrefix("| `\(name) ") }.map { $0.split(separator: "` |")[0] }
            let words = Set(cells.joined(separator: " ").split { !$0.isLetter }.map(String.init))
            for part in command.configuration.subcommands.map({ "\($0)".lowercased() }) {
                #expect(words.contains(part), "\(name) \(part)")
            }
        }
    }

    @Test func `the manual lists the events`() throws {
        let listed = Self.firstColumn(try Self.read("Sources/Gateway/Gateway.docc/Events.md"), under: "# Events")
        #expect(listed == Set(Event.allCases.map(\.rawValue)))
    }

    @Test func `the manual lists the reasons of a degraded gateway`() throws {
        let page = try Self.read("Sources/Gateway/Gateway.docc/Observing.md")
        #expect(Self.firstColumn(page, under: "## Reasons") == Set(ReadyReport.Reason.allCases.map(\.rawValue)))
    }

    @Test func `the manual lists the alerts`() throws {
        let page = try Self.read("Sources/Gateway/Gateway.docc/Observing.md")
        let rules = try Self.read(".ci/monitoring/alerts.yaml").split(separator: "\n")
        let names = rules.filter { $0.contains("- alert: ") }.map { String($0.split(separator: " ")[2]) }
        #expect(!names.isEmpty && Set(names).count == names.count)
        #expect(Self.firstColumn(page, under: "## Alerts and dashboard") == Set(names))
    }

    /// Every metric of the gateway, as `/metrics` has it.
    static func exposition() throws -> String {
        let metrics = Metrics()
        let observability = Observability(metrics: metrics, clock: .system)
        _ = Gateway(
            settings: try settings(), keyRing: ring,
            access: LiveStore(MemoryStore(), lifetimes: SessionLifetimes(), observability), client: UnusedClient(),
            observability)
        // What the composition root adds.
        _ = GatewayMetrics(observability, eventLoops: 1)
        GatewayMetrics.registerConnections(of: [], in: metrics)
        return metrics.exposition
    }

    @Test func `the manual lists the metrics`() throws {
        let listed = Self.firstColumn(try Self.read("Sources/Gateway/Gateway.docc/Metrics.md"), under: "# Metrics")
        let exposed = try Self.exposition().split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map {
            String($0.split(separator: " ")[2])
        }
        #expect(listed == Set(exposed))
    }

    @Test func `the threat model names existing tests`() throws {
        let page = try Self.read("Sources/Gateway/Gateway.docc/ThreatModel.md")
        let tests = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let files = FileManager.default.enumerator(atPath: tests)?.compactMap { $0 as? String } ?? []
        let names = Set(files.map { String($0.split(separator: "/").last ?? "").replacing(".swift", with: "") })
        let suites = page.split(separator: "`").filter { $0.hasSuffix("Tests") && !$0.contains(" ") }.map(String.init)
        #expect(suites.count > 30)
        for suite in suites { #expect(names.contains(suite), "\(suite)") }
        let texts = try files.filter { $0.hasSuffix(".swift") }.map { try ReadFile.text("\(tests)/\($0)") }
        for number in page.matches(of: /RT-[0-9]+/).map({ String($0.output) }) {
            let isTested = texts.contains { $0.firstRange(of: number) != nil }
            #expect(isTested, "\(number)")
        }
    }

    @Test func `the page for contributors names existing files`() throws {
        let page = try Self.read("Sources/Gateway/Gateway.docc/Contributing.md")
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let quoted = page.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter {
            $0.offset % 2 == 1
        }.map { String($0.element.prefix { $0 != " " }) }
        let paths = quoted.filter { path in [".ci/", "Tests/", "Sources/"].contains { path.hasPrefix($0) } }
        #expect(paths.count > 15)
        for path in paths { #expect(unsafe access("\(root)/\(path)", F_OK) == 0, "\(path)") }
        let sources = page.split(separator: "\n").filter { $0.hasPrefix("| `Sources/") }
            .flatMap { $0.split(separator: "|")[0].split(separator: "`").filter { $0.first?.isLetter == true } }
        for name in sources {
            let path = name.hasPrefix("Sources/") ? "\(name)" : "Sources/\(name)"
            #expect(unsafe access("\(root)/\(path)", F_OK) == 0, "\(name)")
        }
    }
}
