import HTTP
import JOSE
import Untrusted

/// Billing data, balances, invoices and refunds.
extension ProviderStandIn {
    func submitBilling(_ id: String, _ body: JSONObject, _ now: Int64) throws(Refusal) -> HTTPResponse {
        let (start, end) = Self.period(body)
        let (eod, timestamp) = (Self.time(body["eod"]), Self.time(body["timestamp"]))
        guard start <= end else { throw Self.invalid("`period.end` should not be before `period.start`.") }
        guard start <= eod, eod <= end else { throw Self.invalid("`eod` should be within the period.") }
        guard end.seconds >= now - 86_400 else {
            throw Self.invalid("`period.end` should not be older than 24 hours.")
        }
        guard eod.seconds >= now - 86_400 else { throw Self.invalid("`eod` should not be older than 24 hours.") }
        try change(id) { market in
            let day = String(eod.text.prefix(10))
            if let kept = market.days[day], kept.timestamp > timestamp { return }
            market.days[day] = .init(timestamp: timestamp, body: body)
        }
        return Self.created
    }

    func submitBalance(_ id: String, _ body: JSONObject) throws(Refusal) -> HTTPResponse {
        let timestamp = Self.time(body["timestamp"])
        try change(id) { market in
            if let kept = market.balance, kept.timestamp > timestamp { return }
            market.balance = .init(timestamp: timestamp, body: body)
        }
        return Self.created
    }

    /// `test.validate` reports what is wrong instead of refusing; what the marketplace does there exactly is not
    /// documented.
    func submitInvoice(_ id: String, _ body: JSONObject, _ now: Int64) throws(Refusal) -> HTTPResponse {
        var isValidation = false
        if case .object(let test)? = body["test"], case .bool(true)? = test["validate"] { isValidation = true }
        let times = settings.invoiceTimes
        let (identifier, number) = ("mi_" + randomText(12), randomText(4).uppercased())
        let fault: String? = try change(id) { (market) throws(Refusal) in
            let (bills, total, fault) = Self.judge(body, market)
            if let external = body["externalId"],
                market.invoices.contains(where: { $0.submitted["externalId"] == external })
            {
                throw Refusal(.conflict, "conflict", "There is an invoice with this externalId.")
            }
            if let fault {
                guard isValidation else { throw Self.invalid(fault) }
                return fault
            }
            let date = Self.time(body["invoiceDate"]).seconds
            let invoice = StandInInvoice(
                id: identifier, number: "AC-\(number)", submitted: body, total: total, date: date, now: now, times)
            market.invoices.append(invoice)
            if !invoice.isTest { market.bills.formUnion(bills) }
            return nil
        }
        var answer: [(name: UntrustedText, value: JSONValue)] = []
        if fault == nil { answer.append(("invoiceId", .string(identifier))) }
        if body["test"] != nil { answer.append(("test", .bool(true))) }
        if isValidation { answer.append(("validationErrors", .array(fault.map { [.string($0)] } ?? []))) }
        return StandInReply.json(.ok, JSONObject(answer))
    }

    /// What the invoice bills, its total, and what is wrong with it.
    private static func judge(
        _ body: JSONObject, _ market: InstallationMarket
    ) -> (bills: Set<InstallationMarket.Bill>, total: DecimalText, fault: String?) {
        let zero = DecimalText("0")!
        let (start, end) = period(body)
        let date = time(body["invoiceDate"])
        var bills: Set<InstallationMarket.Bill> = []
        var total = zero
        for item in objects(body["items"]) {
            total = item["total"]?.text.flatMap { DecimalText($0) }.flatMap { total.adding($0) } ?? total
            bills.insert(
                .init(
                    resource: item["resourceId"]?.text, plan: item["billingPlanId"]?.text ?? "",
                    start: UntrustedText(start.text), end: UntrustedText(end.text)))
        }
        for discount in objects(body["discounts"]) {
            let amount = discount["amount"]?.text.flatMap { DecimalText($0) } ?? zero
            guard let rest = total.subtracting(amount) else {
                return (bills, zero, "The discounts should not be above the items.")
            }
            total = rest
        }
        guard start <= end else { return (bills, total, "`period.end` should not be before `period.start`.") }
        guard start <= date, date <= end else { return (bills, total, "`invoiceDate` should be within the period.") }
        if let bill = bills.first(where: market.bills.contains) {
            return (
                bills, total,
                "\(bill.resource?.string ?? "The installation") is billed already for this plan and period."
            )
        }
        if case .bool(true)? = body["final"] {
            guard case .pending = market.deletion else {
                return (bills, total, "`final` is for an installation that is about to be deleted.")
            }
        }
        return (bills, total, nil)
    }

    func getInvoice(_ invoice: String, _ id: String) throws(Refusal) -> HTTPResponse {
        StandInReply.json(
            .ok,
            try change(id) { (market) throws(Refusal) in
                market.invoices[try Self.index(of: invoice, in: market)].json
            })
    }

    func refund(_ invoice: String, _ id: String, _ body: JSONObject, _ now: Int64) throws(Refusal) -> HTTPResponse {
        let amount = body["total"]?.text.flatMap { DecimalText($0) } ?? DecimalText("0")!
        let reason = body["reason"]?.text?.string ?? ""
        let times = settings.invoiceTimes
        try change(id) { (market) throws(Refusal) in
            let index = try Self.index(of: invoice, in: market)
            guard [.paid, .refunded].contains(market.invoices[index].state) else {
                throw Refusal(.conflict, "conflict", "The invoice is \(market.invoices[index].state.rawValue).")
            }
            guard !amount.isGreater(than: market.invoices[index].refundable) else {
                throw Self.invalid("`total` should not be above \(market.invoices[index].refundable).")
            }
            market.invoices[index].requestRefund(amount, reason, at: now, times)
        }
        return Self.done
    }

    func finalize(_ id: String, _ now: Int64) throws(Refusal) -> HTTPResponse {
        try change(id) { (market) throws(Refusal) in
            guard case .pending(let since, _) = market.deletion else {
                throw Self.invalid("The installation is not about to be deleted.")
            }
            market.deletion = .pending(since: since, isFinal: true)
        }
        settle(until: now)
        return Self.done
    }

    private static func index(of invoice: String, in market: InstallationMarket) throws(Refusal) -> Int {
        guard let index = market.invoices.firstIndex(where: { $0.id == invoice }) else {
            throw Refusal(.notFound, "not_found", "No such invoice.")
        }
        return index
    }

    static func invalid(_ message: String) -> Refusal {
        Refusal(.badRequest, "bad_request", "Invalid request: \(message)")
    }

    /// Of a body that has its shape.
    private static func time(_ value: JSONValue?) -> ISOTime {
        value?.text.flatMap { ISOTime($0) } ?? ISOTime(seconds: 0)
    }

    private static func period(_ body: JSONObject) -> (start: ISOTime, end: ISOTime) {
        guard case .object(let period)? = body["period"] else { return (time(nil), time(nil)) }
        return (time(period["start"]), time(period["end"]))
    }

    private static func objects(_ value: JSONValue?) -> [JSONObject] {
        guard case .array(let values)? = value else { return [] }
        return values.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }
}
