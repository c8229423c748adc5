import HTTP
import JOSE
import Locking
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// The marketplace's webhooks: signed over the body's bytes, and repeated until the partner answers with 2xx.
extension ProviderStandIn {
    /// The fields of a script's request, form or JSON: `type`, and with it `integration`, `installation`, `user`, `role`, all
    /// with a default; `copies` sends the same one more than once, `age_ms` makes it that much older, `dashed` gives it
    /// its deprecated name.
    struct WebhookOrder {
        let integration: StandInSettings.Integration
        let installation: StandInSettings.Installation
        let type: String
        let user: String
        let role: String
        let copies: Int
        let age: Int64
    }

    /// The marketplace itself retries for a day.
    static let webhookTries = 5

    /// `POST /stand-in/webhooks`: changes the role in look-ups and tokens, sends the webhook to the partner, and answers with
    /// the last status of each copy; 0 for no answer.
    func sendWebhook(_ request: HTTPRequest) -> HTTPAnswer {
        let fields = ReadFields.read(request) ?? [:]
        guard let order = order(fields) else {
            return .now(StandInReply.error(.badRequest, "bad_request", "A field is unknown or no usable number."))
        }
        guard let client, let url = order.integration.webhookURL else {
            return .now(StandInReply.error(.notFound, "not_found", "No webhook URL is registered."))
        }
        if order.type == "marketplace.member.changed" {
            state.withLock { $0.roles[.init(order.installation.id, order.user)] = order.role }
        }
        let body = body(of: order)
        return .later { [self] in
            var statuses: [JSONValue] = []
            for _ in 0..<order.copies {
                statuses.append(.integer(Int64(await deliver(body, to: url, order.integration, client))))
            }
            return redirect(reporting: order.type, statuses.last, request, fields)
                ?? StandInReply.json(.ok, ["statuses": .array(statuses)], headers: ["Cache-Control": "no-store"])
        }
    }

    /// The subject of a request of any kind, and how often the same is sent; nil where a field is unknown.
    func subject(of fields: [String: String]) -> (
        integration: StandInSettings.Integration, installation: StandInSettings.Installation, copies: Int
    )? {
        let integration = settings.integrations.first { fields["integration"].map($0.isNamed) ?? true }
        guard let integration,
            let installation = integration.installations.first(where: {
                (fields["installation"] ?? $0.id) == $0.id
            }),
            let copies = Int(fields["copies"] ?? "1"), (1...100).contains(copies)
        else { return nil }
        return (integration, installation, copies)
    }

    private func order(_ fields: [String: String]) -> WebhookOrder? {
        guard let (integration, installation, copies) = subject(of: fields),
            let age = Int64(fields["age_ms"] ?? "0"), age >= 0
        else { return nil }
        var type = fields["type"] ?? "marketplace.member.changed"
        if fields["dashed"] == "true" { type = type.replacing(".", with: "-") }
        return WebhookOrder(
            integration: integration, installation: installation, type: type,
            user: fields["user"] ?? installation.members[0].userID, role: fields["role"] ?? "NONE", copies: copies,
            age: age)
    }

    private func body(of order: WebhookOrder) -> SecretBytes {
        var payload: [(name: UntrustedText, value: JSONValue)] = [
            ("configuration", .object(["id": .string(order.installation.id)])),
            ("installationId", .string(order.installation.id)),
        ]
        if order.type.contains("member") {
            payload += [("memberId", .string(order.user)), ("role", .string(order.role))]
        }
        if order.type.contains("transferred") {
            payload += [
                ("previousAccountId", .string(order.installation.accountID)),
                ("newAccountId", .string("5c2e1d1eff000000b22df111")),
            ]
        }
        let webhook: JSONObject = [
            "id": .string("evt_" + randomText(12)), "type": .string(order.type),
            "createdAt": .integer(now() * 1000 - order.age), "payload": .object(JSONObject(payload)),
        ]
        return SecretBytes(webhook.encoded)
    }

    func deliver(
        _ body: SecretBytes, to url: String, _ integration: StandInSettings.Integration, _ client: any HTTPClient
    ) async -> Int {
        let code = HMACKey(SecretBytes(integration.clientSecret), digest: .sha1).code(for: body)
        let request = HTTPClientRequest(
            .post, url,
            headers: ["Content-Type": "application/json", "X-Vercel-Signature": code.hexadecimal], body: body,
            timeout: .seconds(30))
        var status = 0
        for attempt in 0..<Self.webhookTries {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(50 << attempt)) }
            status = (try? await client.send(request))?.status.rawValue ?? 0
            if (200..<300).contains(status) { break }
        }
        return status
    }
}
