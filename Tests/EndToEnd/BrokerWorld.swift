import CurlHTTPClient
import HTTP
import JOSE
import Marketplace
import MicroHTTPServer
import OpenSSLCrypto
import SecretMemory
import TestSupport
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// A gateway with a broker, and clients that call it.
struct BrokerWorld: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let text: String
        let body: JSONObject?

        /// Of an error of the broker's or the marketplace's.
        var code: String { member("code") }
        var field: String { member("field") }
        var isOwn: Bool { headers["X-SSO-Broker"] == "refused" }

        private func member(_ name: UntrustedText) -> String {
            guard case .object(let error)? = body?["error"] else { return "" }
            return error[name]?.text?.string ?? ""
        }
    }

    static let installation = InstallationWorld.id
    static let below = "/v1/installations/\(installation)"
    /// May call everything.
    static let token = "canary-broker-client-token"
    /// May look at invoices.
    static let readerToken = "canary-broker-reader-token"
    static let installationToken = "stand-in-installation-token"

    let world: LoginWorld

    static func settings(rate: BrokerSettings.Rate = .init(calls: 10_000, period: 60)) -> BrokerSettings {
        BrokerSettings(
            rate: rate,
            clients: [
                client("all", token, Set(APIOperation.partners)), client("reader", readerToken, [.getInvoice]),
                client("elsewhere", "canary-elsewhere", Set(APIOperation.partners), ["other"]),
            ])
    }

    private static func client(
        _ name: String, _ token: String, _ operations: Set<APIOperation>, _ integrations: Set<String>? = nil
    ) -> BrokerSettings.Client {
        .init(
            name: name, credential: .tokenDigest(SHA256.hash(Array(token.utf8))), operations: operations,
            integrations: integrations)
    }

    static func run(
        _ change: (inout LoginWorld.Plan) -> Void = { _ in }, _ body: (BrokerWorld) async throws -> Void
    ) async throws {
        try await LoginWorld.run { plan in
            plan.broker = settings()
            change(&plan)
        } _: {
            try await body(BrokerWorld(world: $0))
        }
    }

    /// Before a marketplace that answers every call by this script.
    static func run(
        against script: @escaping @Sendable (Int) -> [ScriptedServer.Step],
        _ body: (BrokerWorld, ScriptedServer) async throws -> Void
    ) async throws {
        let hostile = try ScriptedServer(script)
        defer { hostile.stop() }
        try await run {
            $0.apiURL = "http://127.0.0.1:\(hostile.port)"
        } _: {
            try await body($0, hostile)
        }
    }

    var port: UInt16 { world.gateway.brokerListener?.port ?? 0 }

    func call(
        _ method: HTTPMethod, _ path: String, _ body: String = "", token: String? = BrokerWorld.token,
        headers: HTTPHeaders = [:], below prefix: String = BrokerWorld.below,
        contentType: String? = "application/json"
    ) async throws -> Answer {
        var headers = headers
        if let token { headers.append("Authorization", "Bearer \(token)") }
        if !body.isEmpty, let contentType { headers.append("Content-Type", contentType) }
        let response = try await world.client.send(
            HTTPClientRequest(
                method, "http://127.0.0.1:\(port)\(prefix)\(path)", headers: headers,
                body: body.isEmpty ? nil : SecretBytes(body), timeout: .seconds(40),
                maximumResponseBody: 4 * 1024 * 1024))
        return Answer(
            status: response.status.rawValue, headers: response.headers, text: response.body.exposedText?.string ?? "",
            body: try? JSONObject(parsing: response.body))
    }

    /// As the gateway gives it to an app.
    func assertion(
        role: String = "ADMIN", installation: String = BrokerWorld.installation, issuer: String = LoginWorld.origin,
        audience: String = "app.example.test", expires: Int64 = 30, ring: KeyRing? = nil
    ) -> HTTPHeaders {
        let now = world.plan.clock.seconds()
        let text = (ring ?? world.plan.ring).keys[0].assertion(
            [
                ("iss", issuer), ("aud", audience), ("sub", LoginWorld.ada), ("integration", "acme"),
                ("installation_id", installation), ("role", role),
            ], [("iat", now), ("exp", now + expires)])
        return ["X-SSO-Assertion": text]
    }

    var auditLines: [String] { world.log.all.filter { $0.hasPrefix("marketplace_called") } }

    /// Returns what changed.
    @discardableResult
    func reload(_ change: (inout LoginWorld.Plan) -> Void) async throws -> [String] {
        var plan = world.plan
        change(&plan)
        return try await world.gateway.reload(LoginWorld.configuration(plan, world.standIn.url))
    }

    func metrics() async throws -> String {
        let page = try await world.client.send(
            HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(5)))
        return page.body.exposedText?.string ?? ""
    }
}
