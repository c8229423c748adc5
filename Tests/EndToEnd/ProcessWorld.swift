import CurlHTTPClient
import Foundation
import Gateway
import TestSupport

@testable import ProviderStandIn

/// A stand-in in this process and the executable as a gateway beside it, configured by a file.
struct ProcessWorld: Sendable {
    let standIn: StandInServer
    let process: GatewayProcess
    let folder: TestFolder
    let client: CurlHTTPClient
    let ports: (open: UInt16, admin: UInt16)

    static let clientSecret = "canary-client-secret-6f1d0c"
    static let installationToken = "canary-installation-token-92ab7e"

    static var integration: StandInSettings.Integration {
        var acme = LoginWorld.Plan.acme()
        acme.clientSecret = clientSecret
        acme.installations[0].accessToken = installationToken
        acme.installations[0].members[0].email = "canary-ada@analytical.example"
        return acme
    }

    /// A configuration for the stand-in's integration, its key ring and secret beside it; `extra` goes to the top.
    static func configure(
        _ folder: TestFolder, marketplace: String, listen: String = "127.0.0.1:0", extra: String = "", ring: Bool = true
    ) throws -> String {
        let acme = integration
        if ring {
            try folder.write("keys.json", String(decoding: KeyRingFile(now: 1_800_000_000).document, as: UTF8.self))
            try folder.write("secret", clientSecret + "\n")
        }
        return try folder.write(
            "gateway.yaml",
            """
            public_url: \(LoginWorld.origin)
            listen: \(listen)
            admin_listen: 127.0.0.1:0
            key_ring: \(folder.path)/keys.json
            \(extra)
            integrations:
              acme:
                client_id: \(acme.clientID)
                client_secret_file: \(folder.path)/secret
                slug: \(acme.slug)
                jwks_url: \(marketplace)/.well-known/jwks
                api_url: \(marketplace)
                sso_url: \(marketplace)/sso/integrations
                installation_token:
                  source: static
                  tokens:
                    \(acme.installations[0].id): \(installationToken)
                routes:
                  default: /dashboard

            """)
    }

    static func run(
        on standIn: StandInServer, marketplace: String? = nil, extra: String = "", format: String = "json",
        prefix: [String] = [], _ body: (ProcessWorld) async throws -> Void
    ) async throws {
        let folder = try TestFolder()
        let file = try configure(folder, marketplace: marketplace ?? standIn.url, extra: extra)
        let process = try GatewayProcess(
            ["serve", "--config", file, "--log-format", format], in: folder, prefix: prefix)
        let client = try CurlHTTPClient(ClientSettings())
        do {
            let world = ProcessWorld(
                standIn: standIn, process: process, folder: folder, client: client, ports: try await process.ports())
            try await body(world)
        } catch {
            client.stop()
            process.child.end()
            throw error
        }
        client.stop()
        // Tests that check the exit code have already waited for it.
        if kill(process.child.id, 0) == 0 { process.child.end() }
    }

    /// The value of a metric with its labels, or nil where it has no such line.
    func metric(_ series: String) async throws -> Double? {
        let page = try await browser().get("http://admin.test/metrics").body
        return page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    func ready() async throws -> String { try await browser().get("http://admin.test/ready").body }

    /// Lines of this event so far.
    func lines(_ event: String) -> [String] {
        process.output.split(separator: "\n").map(String.init).filter { $0.contains("\"event\":\"\(event)\"") }
    }

    func browser() -> TestBrowser {
        TestBrowser(
            client,
            [
                LoginWorld.origin: "http://127.0.0.1:\(ports.open)",
                "http://admin.test": "http://127.0.0.1:\(ports.admin)",
                standIn.url: standIn.url,
            ])
    }
}
