import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// Acts on an invoice. The one documented action asks for a refund.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/invoice-actions>
    package static let updateInvoice = APIOperation(
        "updateInvoice", .post, "/v1/installations/{integrationConfigurationId}/billing/invoices/{invoiceId}/actions",
        body: Refund.self, success: 204, alsoFailing: [409])
}

/// The body of updateInvoice.
package struct Refund: RequestBody {
    package enum Action: String, CaseIterable, FieldValue { case refund }

    package var action = Action.refund
    package var reason: UntrustedText
    /// In dollars; at most the invoice's total.
    package var total: DecimalText

    /// Refuses more than there is to give back. Whether the limit counts earlier refunds of the same invoice is not
    /// documented: `countingEarlier` says so.
    package func check(against invoice: KnownInvoice, countingEarlier: Bool = true) throws(FieldError) {
        var left = invoice.total
        if countingEarlier, let earlier = invoice.refundTotal {
            guard let rest = left.subtracting(earlier) else {
                throw FieldError("total", .rule("must not be refunded again: the invoice is refunded already"))
            }
            left = rest
        }
        guard !total.isGreater(than: left) else {
            throw FieldError("total", .rule("must not be above the invoice's \(left)"))
        }
    }
}

extension Refund {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        action = try fields.required("action")
        reason = try fields.required("reason")
        total = try fields.required("total")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("action", action)
        fields.put("reason", reason)
        fields.put("total", total)
    }
}

extension MarketplaceAPI {
    /// Where the caller has the invoice, `Refund.check(against:)` comes first.
    package func updateInvoice(
        _ refund: Refund, of invoice: UntrustedText, in installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(
            .updateInvoice, [.integrationConfigurationId: installation, .invoiceId: invoice], body: refund)
        try await perform(call, token: token, now: now)
    }
}
