import JOSE
import Testing
import Untrusted

@testable import Marketplace

@Suite struct `A body is not sent` {
    struct Case: Sendable, CustomTestStringConvertible {
        let operation: APIOperation
        let path: JSONTree.Path
        let value: JSONValue
        let fault: String?

        init(_ operation: APIOperation, _ path: JSONTree.Path, _ value: JSONValue, _ fault: String?) {
            self.operation = operation
            self.path = path
            self.value = value
            self.fault = fault
        }

        var testDescription: String { "\(operation.name) \(JSONTree.text(path)) \(fault ?? "is sent")" }
    }

    /// One hour before the golden period ends.
    private static let now = ISOTime(seconds: 1_702_649_837)

    private static func text(_ count: Int) -> JSONValue { .string(String(repeating: "x", count: count)) }

    private static func items(_ count: Int) -> JSONValue {
        .array(
            (0..<count).map { ["id": .string("\($0)"), "slug": .string("s"), "origin": .string("o")] }.map(
                JSONValue.object))
    }

    private static let two: JSONValue = .array([
        try! JSONValue.parse(Array(GoldenBody.secret.utf8)), try! JSONValue.parse(Array(GoldenBody.secret.utf8)),
    ])

    static let cases: [Case] = [
        Case(.submitBillingData, [.member("eod")], .string("2023-03-12T13:32:00.894Z"), "eod"),
        Case(.submitBillingData, [.member("eod")], .string("2023-12-15T15:17:13.188Z"), "eod"),
        Case(.submitBillingData, [.member("eod")], .string("2023-12-14T14:17:16Z"), "eod"),
        Case(.submitBillingData, [.member("eod")], .string("2023-12-14T14:17:17Z"), nil),
        Case(.submitBillingData, [.member("eod")], .string("2023-12-15T15:17:13.187Z"), nil),
        Case(.submitBillingData, [.member("period"), .member("end")], .string("2023-12-14T14:17:16Z"), "period.end"),
        Case(
            .submitBillingData, [.member("period"), .member("end")], .string("2023-03-12T13:32:00.894Z"), "period.end"),
        Case(
            .submitBillingData, [.member("billing"), .element(0), .member("quantity")], .number(-0.5),
            "billing[0].quantity"),
        Case(
            .submitBillingData, [.member("billing"), .element(0), .member("end")], .string("2023-03-12T13:32:00Z"),
            "billing[0].end"),
        Case(.submitInvoice, [.member("invoiceDate")], .string("2023-12-15T15:17:13.188Z"), "invoiceDate"),
        Case(.submitInvoice, [.member("invoiceDate")], .string("2023-03-12T13:32:00.895Z"), nil),
        Case(.submitInvoice, [.member("period"), .member("start")], .string("2023-12-16T00:00:00Z"), "period.end"),
        Case(
            .submitInvoice, [.member("items"), .element(0), .member("quantity")], .integer(-1), "items[0].quantity"),
        Case(.submitInvoice, [.member("items"), .element(0), .member("quantity")], .integer(0), nil),
        Case(
            .submitInvoice, [.member("discounts"), .element(0), .member("end")], .string("2023-03-12T13:32:00Z"),
            "discounts[0].end"),
        Case(.updateInstallation, [.member("notification"), .member("title")], text(101), "notification.title"),
        Case(.updateInstallation, [.member("notification"), .member("title")], text(100), nil),
        Case(.importResource, [.member("notification"), .member("title")], text(101), "notification.title"),
        Case(.importResource, [.member("secrets")], two, "secrets[1].name"),
        Case(.updateResource, [.member("notification"), .member("title")], text(101), "notification.title"),
        Case(.updateResource, [.member("secrets")], two, "secrets[1].name"),
        Case(.updateResourceSecretsById, [.member("secrets")], two, "secrets[1].name"),
        Case(.createInstallationIntegrationConfiguration, [.member("items")], items(51), "items"),
        Case(.createInstallationIntegrationConfiguration, [.member("items")], items(50), nil),
        Case(
            .createInstallationIntegrationConfiguration, [.member("items"), .element(0), .member("id")], text(1025),
            "items[0].id"),
        Case(
            .createInstallationIntegrationConfiguration, [.member("items"), .element(0), .member("origin")], text(2049),
            "items[0].origin"),
        Case(.updateInstallationIntegrationConfiguration, [.member("slug")], text(1025), "slug"),
        Case(.updateInstallationIntegrationConfiguration, [.member("name")], text(1025), "name"),
        Case(.updateInstallationIntegrationConfiguration, [.member("description")], text(1025), "description"),
        Case(.updateInstallationIntegrationConfiguration, [.member("description")], text(1024), nil),
        Case(.buyCredits, [.member("item"), .member("amount")], .integer(0), "item.amount"),
        Case(.buyCredits, [.member("item"), .member("amount")], .integer(1), nil),
        Case(.createCheckoutSession, [.member("quantity")], .integer(0), "quantity"),
        Case(.createCheckoutSession, [.member("quantity")], .integer(11), "quantity"),
        Case(.createCheckoutSession, [.member("success_url")], .string("http://app.example.com/"), "success_url"),
        Case(.createCheckoutSession, [.member("success_url")], .string("javascript:alert(1)"), "success_url"),
        Case(.createCheckoutSession, [.member("cancel_url")], .string("https:///path"), "cancel_url"),
        Case(.createCheckoutSession, [.member("cancel_url")], .string("https://a@b.example/"), "cancel_url"),
        Case(.createCheckoutSession, [.member("cancel_url")], .string("https://a.example\\@b.example/"), "cancel_url"),
        Case(.createCheckoutSession, [.member("cancel_url")], .string("https://a.example/\n"), "cancel_url"),
    ]

    private func fault(_ body: any RequestBody, _ rules: LocalRules = LocalRules()) -> FieldError? {
        do {
            try body.check(rules, now: Self.now)
            return nil
        } catch { return error }
    }

    private func golden(_ operation: APIOperation) throws -> GoldenBody {
        try #require(
            GoldenBody.all.first {
                $0.operation == operation && ($0.label.isEmpty || $0.label != "items and discounts")
            })
    }

    @Test(arguments: cases) func `that breaks a rule, which names the field`(_ row: Case) throws {
        let golden = try golden(row.operation)
        var json = try golden.json
        // The golden day is long over at the golden end of the period.
        if row.operation == .submitBillingData {
            json = JSONTree.changing(json, at: [.member("eod")]) { _ in .string("2023-12-15T00:00:00Z") }
        }
        let changed = JSONTree.changing(json, at: row.path) { _ in row.value }
        let body = try #require(row.operation.body).init(changed, at: .request)
        let fault = fault(body)
        #expect(fault?.path == row.fault)
        if let fault { #expect(fault.reason == "rule" && "\(fault)".hasPrefix(fault.path)) }
    }

    @Test func `that bills a second time what an earlier invoice billed`() throws {
        let invoice = try Invoice(golden(.submitInvoice).json, at: .request)
        var rules = LocalRules()
        #expect(fault(invoice, rules) == nil)
        rules.billed = invoice.bills
        #expect(fault(invoice, rules)?.path == "items[0]")
        var other = invoice
        other.items[0].billingPlanId = "plan_e\u{301}"
        #expect(fault(other, rules) == nil)
        other = invoice
        other.period.end = ISOTime(seconds: other.period.end.seconds + 1)
        #expect(fault(other, rules) == nil)
    }

    @Test func `that has two items of one bill, if the partner has set so`() throws {
        var invoice = try Invoice(golden(.submitInvoice).json, at: .request)
        invoice.items.append(invoice.items[0])
        var rules = LocalRules()
        #expect(fault(invoice, rules) == nil)
        rules.allowsSeveralItemsOfOneBill = false
        #expect(fault(invoice, rules)?.path == "items[1]")
        invoice.items[1].resourceId = nil
        #expect(fault(invoice, rules) == nil)
    }

    @Test func `by rules that can be set`() throws {
        var rules = LocalRules()
        rules.longestTitle = nil
        let long = JSONTree.changing(
            try golden(.updateInstallation).json, at: [.member("notification"), .member("title")]
        ) { _ in
            Self.text(5000)
        }
        #expect(fault(try InstallationUpdate(long, at: .request), rules) == nil)
        let checkout = try CheckoutRequest(golden(.createCheckoutSession).json, at: .request)
        rules.checkoutOrigins = ["https://app.example.com"]
        #expect(fault(checkout, rules) == nil)
        rules.checkoutOrigins = ["https://app.example.com:8443"]
        #expect(fault(checkout, rules)?.path == "cancel_url")
    }

    @Test(
        arguments: [
            ("158675.66", nil, true, nil), ("158675.67", nil, true, "total"), ("158663.16", "12.50", true, nil),
            ("158663.17", "12.50", true, "total"), ("158675.66", "12.50", false, nil),
            ("0.01", "158675.66", true, "total"),
            ("1", "158675.67", true, "total"), ("000158675.660", nil, true, nil),
        ] as [(UntrustedText, UntrustedText?, Bool, String?)])
    func `as a refund above what is left of the invoice`(
        _ total: UntrustedText, _ earlier: UntrustedText?, _ counting: Bool, _ path: String?
    ) throws {
        var invoice = try KnownInvoice(GoldenAnswer.all[1].json, at: .answer)
        invoice.refundTotal = earlier.flatMap { DecimalText($0) }
        let refund = Refund(reason: "r", total: try #require(DecimalText(total)))
        let fault: FieldError?
        do {
            try refund.check(against: invoice, countingEarlier: counting)
            fault = nil
        } catch { fault = error }
        #expect(fault?.path == path)
    }
}
