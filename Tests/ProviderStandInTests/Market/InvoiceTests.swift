import HTTP
import JOSE
import Locking
import Testing
import Untrusted

@testable import ProviderStandIn

@Suite struct `An invoice at the stand-in` {
    let world = MarketWorld()

    @Test func `is pending, invoiced and paid, and each change is reported`() async throws {
        let invoice = try await world.submit(MarketWorld.invoice("bill-1"))
        #expect(try await world.state(invoice) == "pending")
        try await world.advance(3600)
        #expect(try await world.state(invoice) == "invoiced")
        try await world.advance(MarketWorld.day)
        let answer = try await world.call(.get, "/billing/invoices/\(invoice)").json
        #expect(answer["state"]?.isText("paid") == true)
        #expect(answer["paidAt"]?.isText(MarketWorld.time(3600 + MarketWorld.day)) == true)
        #expect(answer["total"]?.isText("20.00") == true && answer["externalId"]?.isText("bill-1") == true)
        #expect(world.partner.types == ["marketplace.invoice.created", "marketplace.invoice.paid"])
        let paid = world.partner.bodies.withLock { $0[1] }
        guard case .object(let payload)? = paid["payload"] else { Issue.record("no payload"); return }
        #expect(payload["invoiceId"]?.isText(invoice) == true && payload["invoiceTotal"]?.isText("20.00") == true)
        #expect(payload["externalInvoiceId"]?.isText("bill-1") == true)
        #expect(paid["createdAt"] == .integer((MarketWorld.start + 3600 + MarketWorld.day) * 1000))
    }

    @Test func `of a later date is scheduled until then`() async throws {
        let later = MarketWorld.invoice().replacing(
            "\"end\":\"\(MarketWorld.time(0))\"", with: "\"end\":\"\(MarketWorld.time(2 * MarketWorld.day))\""
        ).replacing(
            "\"invoiceDate\":\"\(MarketWorld.time(-MarketWorld.day))\"",
            with: "\"invoiceDate\":\"\(MarketWorld.time(MarketWorld.day))\"")
        let invoice = try await world.submit(later)
        #expect(try await world.state(invoice) == "scheduled")
        try await world.advance(MarketWorld.day)
        #expect(try await world.state(invoice) == "pending")
    }

    @Test func `that cannot be paid is retried nine times, and each failure is reported`() async throws {
        _ = try await world.send(.post, "/stand-in/billing", #"{"payments":"notpaid"}"#, [:])
        let invoice = try await world.submit(MarketWorld.invoice())
        try await world.advance(31 * MarketWorld.day)
        #expect(try await world.state(invoice) == "notpaid")
        #expect(world.partner.types.filter { $0 == "marketplace.invoice.notpaid" }.count == 10)
    }

    @Test func `that is paid late is overdue once, and then paid`() async throws {
        _ = try await world.send(.post, "/stand-in/billing", #"{"payments":"overdue"}"#, [:])
        let invoice = try await world.submit(MarketWorld.invoice())
        try await world.advance(4 * MarketWorld.day)
        #expect(try await world.state(invoice) == "overdue")
        _ = try await world.send(.post, "/stand-in/billing", #"{"payments":"paid"}"#, [:])
        try await world.advance(MarketWorld.day)
        #expect(try await world.state(invoice) == "paid")
        #expect(
            world.partner.types == [
                "marketplace.invoice.created", "marketplace.invoice.overdue", "marketplace.invoice.paid",
            ])
    }

    @Test func `for a test ends as the test wants, and bills nothing`() async throws {
        let test = MarketWorld.invoice(more: #","test":{"result":"notpaid"}"#)
        let invoice = try await world.submit(test)
        try await world.advance(2 * MarketWorld.day)
        #expect(try await world.state(invoice) == "notpaid")
        _ = try await world.submit(MarketWorld.invoice())
    }

    @Test func `that is only validated says what is wrong with it`() async throws {
        let wrong = MarketWorld.invoice(
            total: "1", more: #","discounts":[{"billingPlanId":"p","name":"n","amount":"2"}],"test":{"validate":true}"#)
        let answer = try await world.call(.post, "/billing/invoices", wrong)
        guard case .array(let errors)? = answer.json["validationErrors"] else { Issue.record("no errors"); return }
        #expect(errors.count == 1 && answer.json["invoiceId"] == nil && answer.status == .ok)
        let right = MarketWorld.invoice(more: #","test":{"validate":true}"#)
        #expect(try await world.call(.post, "/billing/invoices", right).json["validationErrors"] == .array([]))
    }

    @Test func `takes its discounts off`() async throws {
        let more =
            #","discounts":[{"billingPlanId":"p","name":"n","amount":"0.01"},{"billingPlanId":"p","name":"n","amount":"5"}]"#
        let invoice = try await world.submit(MarketWorld.invoice(more: more))
        #expect(try await world.call(.get, "/billing/invoices/\(invoice)").json["total"]?.isText("14.99") == true)
    }

    @Test func `with an externalId that is there already is a conflict`() async throws {
        _ = try await world.submit(MarketWorld.invoice("bill-1"))
        let again = try await world.call(.post, "/billing/invoices", MarketWorld.invoice("bill-1", plan: "other"))
        #expect(Verdict(again) == Verdict(409, "conflict"))
    }

    @Test func `bills a resource once for a plan and a period`() async throws {
        _ = try await world.submit(MarketWorld.invoice())
        let again = try await world.call(.post, "/billing/invoices", MarketWorld.invoice("other"))
        #expect(Verdict(again) == Verdict(400, "bad_request") && again.text.contains("db_engine"))
        _ = try await world.submit(MarketWorld.invoice(plan: "plan_max"))
        _ = try await world.submit(MarketWorld.invoice(resource: "kv_punchcards"))
        _ = try await world.submit(MarketWorld.invoice(periodStart: -30 * MarketWorld.day))
    }

    @Test(arguments: [
        ("\"end\":\"\(MarketWorld.time(0))\"", "\"end\":\"\(MarketWorld.time(-40 * MarketWorld.day))\"", "period.end"),
        (MarketWorld.time(-MarketWorld.day), MarketWorld.time(1), "invoiceDate"),
        ("\"total\":\"20.00\"", "\"total\":20", "items[0].total"),
        ("\"price\":\"10.00\"", "\"price\":\"-1\"", "items[0].price"),
        ("\"units\":\"hours\",", "", "items[0].units"), ("\"quantity\":2", "\"quantity\":\"2\"", "items[0].quantity"),
        ("\"items\"", "\"memos\":1,\"items\"", "memos"),
    ])
    func `that is wrong is refused by the field's name`(_ old: String, _ new: String, _ field: String) async throws {
        let answer = try await world.call(.post, "/billing/invoices", MarketWorld.invoice().replacing(old, with: new))
        #expect(Verdict(answer) == Verdict(400, "bad_request") && answer.text.contains("`\(field)`"), "\(answer.text)")
    }

    @Test func `is given back up to its total`() async throws {
        let invoice = try await world.submit(MarketWorld.invoice())
        let path = "/billing/invoices/\(invoice)/actions"
        func refund(_ total: String) -> String { #"{"action":"refund","reason":"Outage","total":"\#(total)"}"# }
        #expect(try await Verdict(world.call(.post, path, refund("1"))) == Verdict(409, "conflict"))
        try await world.advance(2 * MarketWorld.day)
        #expect(try await Verdict(world.call(.post, path, refund("20.01"))) == Verdict(400, "bad_request"))
        #expect(try await world.call(.post, path, refund("15.5")).status == .noContent)
        #expect(try await world.state(invoice) == "refund_requested")
        try await world.advance(MarketWorld.day)
        #expect(try await world.state(invoice) == "refunded")
        #expect(try await Verdict(world.call(.post, path, refund("4.51"))) == Verdict(400, "bad_request"))
        #expect(try await world.call(.post, path, refund("4.5")).status == .noContent)
        try await world.advance(MarketWorld.day)
        let answer = try await world.call(.get, "/billing/invoices/\(invoice)").json
        #expect(answer["refundTotal"]?.isText("20.0") == true && answer["refundReason"]?.isText("Outage") == true)
        let last = world.partner.bodies.withLock { $0.last }
        guard case .object(let payload)? = last?["payload"] else { Issue.record("no payload"); return }
        #expect(payload["amount"]?.isText("4.5") == true && payload["reason"]?.isText("Outage") == true)
    }

    @Test func `that is unknown is not found`() async throws {
        #expect(try await Verdict(world.call(.get, "/billing/invoices/mi_0")) == Verdict(404, "not_found"))
    }
}

@Suite struct `A billing month at the stand-in` {
    @Test func `runs offline: usage each day, a bill at the end, the last one before the installation goes`()
        async throws
    {
        let world = MarketWorld(partner: .init(#"{"finalized":false}"#))
        for day in 0..<31 {
            let eod = Int64(day) * MarketWorld.day
            let data = MarketWorld.billing(eod: eod, timestamp: eod, end: 31 * MarketWorld.day)
            #expect(try await world.call(.post, "/billing", data).status.rawValue == 201)
            try await world.advance(MarketWorld.day)
        }
        guard case .object(let days)? = try await world.received()["days"] else { Issue.record("no days"); return }
        #expect(days.members.count == 31)
        let bill = try await world.submit(MarketWorld.invoice("january"))
        try await world.advance(2 * MarketWorld.day)
        #expect(try await world.state(bill) == "paid")

        _ = try await world.send(.post, "/stand-in/installations", #"{"method":"DELETE"}"#, [:])
        #expect(try await world.received()["deletion"]?.isText("pending") == true)
        let last = try await world.submit(MarketWorld.invoice("final", plan: "plan_max", more: #","final":true"#))
        #expect(try await world.call(.post, "/billing/finalize").status == .noContent)
        #expect(try await world.state(last) == "pending")
        try await world.advance(2 * MarketWorld.day)
        #expect(try await Verdict(world.call(.get, "/billing/invoices/\(last)")) == Verdict(410, "gone"))
        #expect(
            world.partner.types.suffix(3) == [
                "marketplace.invoice.created", "marketplace.invoice.paid", "integration-configuration.removed",
            ])
    }
}

@Suite struct `A deletion at the stand-in` {
    @Test func `completes after a day`() async throws {
        let world = MarketWorld()
        _ = try await world.send(.post, "/stand-in/installations", #"{"method":"DELETE"}"#, [:])
        try await world.advance(MarketWorld.day - 1)
        #expect(try await world.call(.get, "/resources").status == .ok)
        try await world.advance(1)
        #expect(try await Verdict(world.call(.get, "/resources")) == Verdict(410, "gone"))
        #expect(world.partner.types == ["integration-configuration.removed"])
    }

    @Test func `completes at once where the partner says so`() async throws {
        let world = MarketWorld(partner: .init(#"{"finalized":true}"#))
        _ = try await world.send(.post, "/stand-in/installations", #"{"method":"DELETE"}"#, [:])
        _ = try await world.received()
        #expect(try await Verdict(world.call(.get, "/account")) == Verdict(410, "gone"))
    }

    @Test func `is taken back by an installation, and needed for a final invoice and to finalize`() async throws {
        let world = MarketWorld()
        let final = MarketWorld.invoice(more: #","final":true"#)
        #expect(try await Verdict(world.call(.post, "/billing/invoices", final)) == Verdict(400, "bad_request"))
        #expect(try await Verdict(world.call(.post, "/billing/finalize")) == Verdict(400, "bad_request"))
        _ = try await world.send(.post, "/stand-in/installations", #"{"method":"DELETE"}"#, [:])
        _ = try await world.send(.post, "/stand-in/installations", #"{"method":"PUT"}"#, [:])
        try await world.advance(2 * MarketWorld.day)
        #expect(try await world.call(.get, "/resources").status == .ok)
    }
}
