import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// Buys credits for a Vercel team, charged at once. It takes a token of the team's; an installation's token is refused.
    ///
    /// <https://vercel.com/docs/rest-api/billing/purchase-credits>
    package static let buyCredits = APIOperation(
        "buyCredits", .post, "/v1/billing/buy", query: [.source, .teamId, .slug], body: CreditPurchase.self,
        success: 200, alsoFailing: [402], credential: .account)
}

/// The body of buyCredits.
package struct CreditPurchase: RequestBody {
    package struct Item: Sendable, Equatable {
        package enum Kind: String, CaseIterable, FieldValue { case credits }

        package enum CreditType: String, CaseIterable, FieldValue {
            case v0, gateway, agent
        }

        package var type = Kind.credits
        package var creditType: CreditType
        /// At least 1. A sample of the vendor's shows a string; the schema says an integer, and that is sent.
        package var amount: Int64
    }

    package var item: Item

    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {
        guard item.amount >= 1 else { throw FieldError("item.amount", .rule("must be at least 1")) }
    }
}

extension CreditPurchase {
    package init(_ fields: inout FieldReader) throws(FieldError) { item = try fields.required("item") }

    package func write(_ fields: inout FieldWriter) { fields.put("item", item) }
}

extension CreditPurchase.Item: FieldObject {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        type = try fields.required("type")
        creditType = try fields.required("creditType")
        amount = try fields.required("amount")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("type", type)
        fields.put("creditType", creditType)
        fields.put("amount", amount)
    }
}

extension MarketplaceAPI {
    /// `query`: `source` (`api` where absent), and the team as `teamId` or `slug`.
    package func buyCredits(
        _ purchase: CreditPurchase, query: QueryParameters = QueryParameters(), token: SecretBytes, now: ISOTime
    ) async throws(APIError) -> CreditPurchaseAnswer {
        let call = try APICall.make(.buyCredits, [:], query: query, body: purchase)
        return try await answer(call, token: token, now: now)
    }
}
