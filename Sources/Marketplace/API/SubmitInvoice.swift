import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// Bills the customer. A resource is billed once for each period and plan; the plan must have been active in the period
    /// and be a subscription.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/submit-invoice>
    package static let submitInvoice = APIOperation(
        "submitInvoice", .post, "/v1/installations/{integrationConfigurationId}/billing/invoices", body: Invoice.self,
        success: 200, alsoFailing: [409])
}

/// The body of submitInvoice.
package struct Invoice: RequestBody {
    /// The partner's own id, unique within the installation: a second invoice with it is refused by 409.
    package var externalId: UntrustedText?
    /// Inside the period.
    package var invoiceDate: ISOTime
    package var memo: UntrustedText?
    package var period: BillingPeriod
    package var items: [BillingItem]
    package var discounts: [BillingDiscount]?
    /// The last invoice of an installation that is about to be deleted. Only the marketplace knows whether it is.
    package var final: Bool?
    package var test: TestMode?

    package struct TestMode: Sendable, Equatable {
        package enum Result: String, CaseIterable, FieldValue {
            case paid, notpaid, overdue
        }

        package var validate: Bool?
        package var result: Result?
    }

    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {
        try period.check(at: "period")
        guard period.contains(invoiceDate) else { throw FieldError("invoiceDate", .rule("must be inside the period")) }
        var bills: Set<Bill> = []
        for index in items.indices {
            try items[index].check(at: "items[\(index)]")
            let isNew = bills.insert(bill(of: items[index])).inserted
            guard isNew || rules.allowsSeveralItemsOfOneBill, !rules.billed.contains(bill(of: items[index])) else {
                throw FieldError(
                    "items[\(index)]", .rule("must not bill the same resource and plan for the period a second time"))
            }
        }
        let discounts = discounts ?? []
        for index in discounts.indices { try discounts[index].check(at: "discounts[\(index)]") }
    }

    /// What the invoice bills: for `LocalRules.billed`.
    package var bills: Set<Bill> { Set(items.map(bill)) }

    private func bill(of item: BillingItem) -> Bill {
        Bill(resourceId: item.resourceId, billingPlanId: item.billingPlanId, period: period)
    }

    package var isRepeatable: Bool { externalId?.isEmpty == false }
}

extension Invoice {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        externalId = try fields.optional("externalId")
        invoiceDate = try fields.required("invoiceDate")
        memo = try fields.optional("memo")
        period = try fields.required("period")
        items = try fields.required("items")
        discounts = try fields.optional("discounts")
        final = try fields.optional("final")
        test = try fields.optional("test")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("externalId", externalId)
        fields.put("invoiceDate", invoiceDate)
        fields.put("memo", memo)
        fields.put("period", period)
        fields.put("items", items)
        fields.put("discounts", discounts)
        fields.put("final", final)
        fields.put("test", test)
    }
}

extension Invoice.TestMode: FieldObject {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        validate = try fields.optional("validate")
        result = try fields.optional("result")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("validate", validate)
        fields.put("result", result)
    }
}

/// The answer. A test invoice that is not valid has no id but says why.
package struct SubmittedInvoice: FieldObject {
    package var invoiceId: UntrustedText?
    package var test: Bool?
    package var validationErrors: [UntrustedText]?
}

extension SubmittedInvoice {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        invoiceId = try fields.optional("invoiceId")
        test = try fields.optional("test")
        validationErrors = try fields.optional("validationErrors")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("invoiceId", invoiceId)
        fields.put("test", test)
        fields.put("validationErrors", validationErrors)
    }
}

extension MarketplaceAPI {
    package func submitInvoice(
        _ invoice: Invoice, of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) -> SubmittedInvoice {
        let call = try APICall.make(.submitInvoice, [.integrationConfigurationId: installation], body: invoice)
        return try await answer(call, token: token, now: now)
    }
}
