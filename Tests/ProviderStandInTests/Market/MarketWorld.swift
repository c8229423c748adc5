import HTTP
import JOSE
import Locking
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@testable import ProviderStandIn

/// A stand-in whose API a partner's server calls, and the webhooks that the partner gets.
struct MarketWorld {
    /// Takes every webhook and call.
    final class Partner: HTTPClient {
        let bodies = Locked<[JSONObject]>([])
        /// What the partner answers to a call of its own API.
        let answer: String

        init(_ answer: String = "{}") { self.answer = answer }

        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
            if let body = request.body, request.method == .post, let webhook = try? JSONObject(parsing: body) {
                bodies.withLock { $0.append(webhook) }
            }
            return HTTPClientResponse(status: .ok, headers: [:], body: SecretBytes(answer))
        }

        /// The types of all webhooks, in the order of their coming.
        var types: [String] { bodies.withLock { $0.map { $0["type"]?.text?.string ?? "" } } }
    }

    static let base = "/v1/installations/icfg_AcmeAnalyticalEngines001"
    static let bearer: HTTPHeaders = ["Authorization": "Bearer stand-in-installation-token"]
    /// 2027-01-15T08:00:00Z
    static let start: Int64 = 1_800_000_000

    let standIn: ProviderStandIn
    let partner: Partner

    init(partner: Partner = Partner(), _ change: (inout StandInSettings) -> Void = { _ in }) {
        var settings = StandInSettings.demonstration(redirectLoginURL: StandInWorld.callback)
        settings.integrations[0].webhookURL = "https://app.example.test/webhook"
        settings.integrations[0].partnerURL = "https://app.example.test"
        change(&settings)
        self.partner = partner
        standIn = ProviderStandIn(
            settings: settings, now: { Self.start }, random: { SecureRandom.bytes($0) },
            keys: Array(StandInWorld.keys[..<2]), retired: StandInWorld.keys[2], client: partner)
    }

    func send(
        _ method: HTTPMethod, _ target: String, _ body: String? = nil, _ headers: HTTPHeaders = bearer
    ) async throws -> HTTPResponse {
        var all: HTTPHeaders = ["Host": "localhost:4190"]
        for field in headers.fields { all.append(field.name, field.value) }
        if body != nil { all.append("Content-Type", "application/json") }
        let request = HTTPRequest(
            method: method, target: try RequestTarget(SecretBytes(target)), headers: all, body: SecretBytes(body ?? ""),
            peer: .unixSocket)
        switch standIn.answer(request) {
        case .now(let response): return response
        case .later(let work): return await work()
        }
    }

    /// Below the installation.
    func call(_ method: HTTPMethod, _ path: String, _ body: String? = nil) async throws -> HTTPResponse {
        try await send(method, Self.base + path, body)
    }

    func advance(_ seconds: Int64) async throws {
        let answer = try await send(.post, "/stand-in/clock", #"{"advance_s":"\#(seconds)"}"#, [:])
        try #require(answer.status == .ok)
    }

    static func time(_ offset: Int64) -> String { ISOTime(seconds: start + offset).text }

    static let day: Int64 = 86_400

    /// For the month before the start.
    static func invoice(
        _ external: String? = nil, plan: String = "plan_pro", resource: String = "db_engine", total: String = "20.00",
        more: String = "", periodStart: Int64 = -31 * day
    ) -> String {
        let name = external.map { #""externalId":"\#($0)","# } ?? ""
        return #"""
            {\#(name)"invoiceDate":"\#(time(-day))","period":{"start":"\#(time(periodStart))","end":"\#(time(0))"},\#
            "items":[{"billingPlanId":"\#(plan)","resourceId":"\#(resource)","name":"Compute","price":"10.00",\#
            "quantity":2,"units":"hours","total":"\#(total)"}]\#(more)}
            """#
    }

    /// The id of an invoice that is taken.
    func submit(_ invoice: String) async throws -> String {
        let answer = try await call(.post, "/billing/invoices", invoice)
        try #require(answer.status == .ok, "\(answer.text)")
        return try #require(answer.json["invoiceId"]?.text?.string)
    }

    func state(_ invoice: String) async throws -> String? {
        try await call(.get, "/billing/invoices/\(invoice)").json["state"]?.text?.string
    }

    static func billing(eod: Int64, timestamp: Int64 = 0, end: Int64 = day, dayValue: Int = 1) -> String {
        #"""
        {"timestamp":"\#(time(timestamp))","eod":"\#(time(eod))","period":{"start":"\#(time(-30 * day))",\#
        "end":"\#(time(end))"},"billing":[],"usage":[{"name":"Storage","type":"total","units":"GB",\#
        "dayValue":\#(dayValue),"periodValue":9}]}
        """#
    }

    func received() async throws -> JSONObject {
        let all = try await send(.get, "/stand-in/billing", nil, [:]).json
        guard case .object(let own)? = all["icfg_AcmeAnalyticalEngines001"] else { return [:] }
        return own
    }
}
