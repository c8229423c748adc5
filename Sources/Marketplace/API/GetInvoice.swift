import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// <https://vercel.com/docs/rest-api/marketplace/get-invoice>
    package static let getInvoice = APIOperation(
        "getInvoice", .get, "/v1/installations/{integrationConfigurationId}/billing/invoices/{invoiceId}", success: 200,
        alsoFailing: [429])
}

/// The states of an invoice. The marketplace has added two since the first reference, so answers have an `OpenWord`.
package enum InvoiceState: String, CaseIterable, FieldValue {
    case draft, pending, scheduled, invoiced, paid, notpaid, overdue
    case refundRequested = "refund_requested", refunded
}

/// The answer of getInvoice.
package struct KnownInvoice: FieldObject {
    package var invoiceId: UntrustedText
    package var externalId: UntrustedText?
    /// For people.
    package var invoiceNumber: UntrustedText?
    package var state: OpenWord<InvoiceState>
    package var invoiceDate: ISOTime
    package var period: BillingPeriod
    package var paidAt: ISOTime?
    package var refundedAt: ISOTime?
    package var memo: UntrustedText?
    package var items: [BillingItem]
    package var discounts: [BillingDiscount]?
    /// In dollars.
    package var total: DecimalText
    package var refundReason: UntrustedText?
    package var refundTotal: DecimalText?
    package var created: ISOTime
    package var updated: ISOTime
    /// The first reference requires it, the later one does not.
    package var test: Bool?
}

extension KnownInvoice {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        invoiceId = try fields.required("invoiceId")
        externalId = try fields.optional("externalId")
        invoiceNumber = try fields.optional("invoiceNumber")
        state = try fields.required("state")
        invoiceDate = try fields.required("invoiceDate")
        period = try fields.required("period")
        paidAt = try fields.optional("paidAt")
        refundedAt = try fields.optional("refundedAt")
        memo = try fields.optional("memo")
        items = try fields.required("items")
        discounts = try fields.optional("discounts")
        total = try fields.required("total")
        refundReason = try fields.optional("refundReason")
        refundTotal = try fields.optional("refundTotal")
        created = try fields.required("created")
        updated = try fields.required("updated")
        test = try fields.optional("test")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("invoiceId", invoiceId)
        fields.put("externalId", externalId)
        fields.put("invoiceNumber", invoiceNumber)
        fields.put("state", state)
        fields.put("invoiceDate", invoiceDate)
        fields.put("period", period)
        fields.put("paidAt", paidAt)
        fields.put("refundedAt", refundedAt)
        fields.put("memo", memo)
        fields.put("items", items)
        fields.put("discounts", discounts)
        fields.put("total", total)
        fields.put("refundReason", refundReason)
        fields.put("refundTotal", refundTotal)
        fields.put("created", created)
        fields.put("updated", updated)
        fields.put("test", test)
    }
}

extension MarketplaceAPI {
    package func getInvoice(
        _ invoice: UntrustedText, of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) -> KnownInvoice {
        let call = try APICall.make(
            .getInvoice, [.integrationConfigurationId: installation, .invoiceId: invoice])
        return try await answer(call, token: token, now: now)
    }
}
