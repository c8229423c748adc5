import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// What prepaid credit is left. To be sent every day, better every hour; the marketplace keeps the latest.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/submit-prepayment-balances>
    package static let submitPrepaymentBalances = APIOperation(
        "submitPrepaymentBalances", .post, "/v1/installations/{integrationConfigurationId}/billing/balance",
        body: PrepaymentBalances.self, success: 201)
}

/// The body of submitPrepaymentBalances.
package struct PrepaymentBalances: RequestBody {
    package struct Balance: Sendable, Equatable {
        /// Nil for credit of the whole installation.
        package var resourceId: UntrustedText?
        /// For people: `2,000 Tokens`.
        package var credit: UntrustedText?
        /// For people: `Tokens`.
        package var nameLabel: UntrustedText?
        /// Whole cents of a dollar. The reference says `number`; a fraction of a cent is refused, because it would have to
        /// be a floating-point number.
        package var currencyValueInCents: Int64
    }

    /// The partner's clock.
    package var timestamp: ISOTime
    package var balances: [Balance]
}

extension PrepaymentBalances {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        timestamp = try fields.required("timestamp")
        balances = try fields.required("balances")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("timestamp", timestamp)
        fields.put("balances", balances)
    }
}

extension PrepaymentBalances.Balance: FieldObject {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        resourceId = try fields.optional("resourceId")
        credit = try fields.optional("credit")
        nameLabel = try fields.optional("nameLabel")
        currencyValueInCents = try fields.required("currencyValueInCents")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("resourceId", resourceId)
        fields.put("credit", credit)
        fields.put("nameLabel", nameLabel)
        fields.put("currencyValueInCents", currencyValueInCents)
    }
}

extension MarketplaceAPI {
    package func submitPrepaymentBalances(
        _ balances: PrepaymentBalances, of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(
            .submitPrepaymentBalances, [.integrationConfigurationId: installation], body: balances)
        try await perform(call, token: token, now: now)
    }
}
