import HTTP
import JOSE
import Locking
import SecretMemory
import Untrusted

/// Time and money, as the partner's script sets them: `/stand-in/clock` and `/stand-in/billing`.
extension ProviderStandIn {
    /// Now, in seconds since 1970: the clock of the start and what the script has added to it.
    func now() -> Int64 { clock() + clockOffset.withLock { $0 } }

    /// `GET` shows the time; `POST` moves it forward: by `advance_s` seconds, or to `to` in ISO 8601. It never goes back. The
    /// answer comes when the partner has got every webhook of the time between.
    func controlClock(_ request: HTTPRequest) -> HTTPAnswer {
        guard request.method == .post else { return .now(showTime()) }
        let fields = ReadFields.read(request) ?? [:]
        let start = now()
        let target =
            fields["to"].flatMap { ISOTime(UntrustedText($0))?.seconds }
            ?? fields["advance_s"].flatMap(Int64.init).map { start.addingReportingOverflow($0).partialValue }
        guard let target, target >= start, ISOTime.range.contains(target) else {
            return .now(StandInReply.error(.badRequest, "bad_request", "to or advance_s is no time to come."))
        }
        clockOffset.withLock { $0 += target - start }
        settle(until: target)
        sendNotices()
        return .later { [self] in
            await state.withLock { $0.delivery }?.value
            return backToDashboard(request, fields, "billing") ?? showTime()
        }
    }

    private func showTime() -> HTTPResponse {
        StandInReply.json(
            .ok, ["now": .string(ISOTime(seconds: now()).text)], headers: ["Cache-Control": "no-store"])
    }

    /// `GET` shows what was received for each installation. `POST` sets how customers pay (`payments`: paid, notpaid,
    /// overdue) and what a purchase of credits answers (`credits`).
    func controlBilling(_ request: HTTPRequest) -> HTTPAnswer {
        settle(until: now())
        sendNotices()
        guard request.method == .post else { return .now(showReceived()) }
        let fields = ReadFields.read(request) ?? [:]
        let payment = fields["payments"].flatMap(StandInInvoice.Payment.init(rawValue:))
        let credits = fields["credits"].flatMap(CreditAnswer.init(rawValue:))
        guard fields["payments"] == nil || payment != nil, fields["credits"] == nil || credits != nil else {
            return .now(StandInReply.error(.badRequest, "bad_request", "payments or credits is unknown."))
        }
        state.withLock { state in
            if let payment { state.payment = payment }
            if let credits { state.creditAnswer = credits }
        }
        return .now(backToDashboard(request, fields, "billing") ?? HTTPResponse(.noContent))
    }

    /// Secrets by name alone.
    private func showReceived() -> HTTPResponse {
        let markets = state.withLock { $0.markets }
        let received = markets.sorted { $0.key < $1.key }.map { id, market in
            let secrets = market.secrets.sorted { $0.key < $1.key }.map { resource, secrets in
                (name: UntrustedText(resource), value: JSONValue.array(secrets.compactMap { $0["name"] }))
            }
            let fields: JSONObject = [
                "events": .array(market.events.map(JSONValue.object)),
                "days": .object(
                    JSONObject(
                        market.days.sorted { $0.key < $1.key }.map { (UntrustedText($0.key), .object($0.value.body)) })),
                "balance": market.balance.map { .object($0.body) } ?? .null,
                "invoices": .array(market.invoices.map { .object($0.json) }),
                "installation": .object(market.installation), "secrets": .object(JSONObject(secrets)),
                "deletion": .string(Self.word(market.deletion)),
            ]
            return (name: UntrustedText(id), value: JSONValue.object(fields))
        }
        return StandInReply.json(.ok, JSONObject(received), headers: ["Cache-Control": "no-store"])
    }

    static func word(_ deletion: InstallationMarket.Deletion) -> String {
        switch deletion {
        case .none: "none"
        case .pending(_, let isFinal): isFinal ? "final" : "pending"
        case .done: "done"
        }
    }

    /// Lets happen what is due, and keeps the webhooks that follow.
    func settle(until time: Int64) {
        let times = settings.invoiceTimes
        state.withLock { state in
            for id in state.markets.keys.sorted() {
                let payment = state.payment
                let notices = state.markets[id]?.settle(until: time, times, payment) ?? []
                state.notices += notices.map { (id, $0) }
            }
            state.notices.sort { $0.notice.time < $1.notice.time }
        }
    }

    /// Sends the webhooks that are kept, one after the other and behind those that are under way.
    func sendNotices() {
        guard let client else { return state.withLock { $0.notices = [] } }
        state.withLock { state in
            let due = state.notices
            guard !due.isEmpty else { return }
            state.notices = []
            let before = state.delivery
            state.delivery = Task { [self] in
                await before?.value
                for (installation, notice) in due {
                    let integration = settings.integrations.first { integration in
                        integration.installations.contains { $0.id == installation }
                    }
                    guard let integration, let url = integration.webhookURL else { continue }
                    _ = await deliver(body(of: notice, installation), to: url, integration, client)
                }
            }
        }
    }

    private func body(of notice: InstallationMarket.Notice, _ installation: String) -> SecretBytes {
        var payload: [(name: UntrustedText, value: JSONValue)] = [
            ("configuration", .object(["id": .string(installation)])), ("installationId", .string(installation)),
        ]
        if let invoice = notice.invoice {
            payload += [
                ("invoiceId", .string(invoice.id)), ("period", invoice.submitted["period"] ?? .null),
                ("invoiceDate", invoice.submitted["invoiceDate"] ?? .null),
                ("invoiceTotal", .string(invoice.total.text)),
            ]
            if let external = invoice.submitted["externalId"] { payload.append(("externalInvoiceId", external)) }
            if notice.type.hasSuffix("refunded"), let amount = invoice.refundAmount {
                payload += [
                    ("amount", .string(amount.text)), ("reason", .string(invoice.refundReason ?? "")),
                ]
            }
        }
        let webhook: JSONObject = [
            "id": .string("evt_" + randomText(12)), "type": .string(notice.type),
            "createdAt": .integer(notice.time * 1000), "payload": .object(JSONObject(payload)),
        ]
        return SecretBytes(webhook.encoded)
    }
}
