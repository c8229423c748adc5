package import JOSE
package import Untrusted

/// The answer of buyCredits, one of three kinds. The name of its first required member says which.
package enum CreditPurchaseAnswer: FieldObject {
    /// The buyer has to pay on a page.
    case checkoutSession(id: UntrustedText, url: UntrustedText)
    case purchaseIntent(PurchaseIntent)
    case orbSubscriptionIntent(OrbSubscriptionIntent)

    package init(_ fields: inout FieldReader) throws(FieldError) {
        if fields.has("purchaseIntent") {
            self = .purchaseIntent(try fields.required("purchaseIntent"))
        } else if fields.has("orbSubscriptionIntent") {
            self = .orbSubscriptionIntent(try fields.required("orbSubscriptionIntent"))
        } else {
            self = .checkoutSession(
                id: try fields.required("checkoutSessionId"), url: try fields.required("checkoutSessionUrl"))
        }
    }

    package func write(_ fields: inout FieldWriter) {
        switch self {
        case .checkoutSession(let id, let url):
            fields.put("checkoutSessionId", id)
            fields.put("checkoutSessionUrl", url)
        case .purchaseIntent(let intent): fields.put("purchaseIntent", intent)
        case .orbSubscriptionIntent(let intent): fields.put("orbSubscriptionIntent", intent)
        }
    }
}

package enum PurchaseStatus: String, CaseIterable, FieldValue {
    case pending, succeeded, failed
}

package struct PurchaseIntent: FieldObject {
    package enum Currency: String, CaseIterable, FieldValue {
        case usd
        /// Millionths of a dollar, by its name; the reference does not say.
        case miu
    }

    package struct Provider: Sendable, Equatable {
        package var resourceId: UntrustedText
        package var type: UntrustedText
    }

    /// `pur_…`
    package var id: UntrustedText
    /// What is bought, in one of seven shapes that the gateway has no use for.
    package var configuration: JSONObject
    package var createdAt: UntrustedText
    package var currency: OpenWord<Currency>
    package var ownerId: UntrustedText
    package var provider: Provider
    package var status: OpenWord<PurchaseStatus>
    package var subtotal: UntrustedText
    package var tax: UntrustedText
    package var total: UntrustedText
    package var updatedAt: UntrustedText
    package var dispute: Dispute?
    package var lineItems: [JSONObject]?
    package var metadata: JSONObject?
    package var refund: UntrustedText?
    package var returnUrl: UntrustedText?
}

extension PurchaseIntent {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        id = try fields.required("id")
        configuration = try fields.required("configuration")
        createdAt = try fields.required("createdAt")
        currency = try fields.required("currency")
        ownerId = try fields.required("ownerId")
        provider = try fields.required("provider")
        status = try fields.required("status")
        subtotal = try fields.required("subtotal")
        tax = try fields.required("tax")
        total = try fields.required("total")
        updatedAt = try fields.required("updatedAt")
        dispute = try fields.optional("dispute")
        lineItems = try fields.optional("lineItems")
        metadata = try fields.optional("metadata")
        refund = try fields.optional("refund")
        returnUrl = try fields.optional("returnUrl")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("id", id)
        fields.put("configuration", configuration)
        fields.put("createdAt", createdAt)
        fields.put("currency", currency)
        fields.put("ownerId", ownerId)
        fields.put("provider", provider)
        fields.put("status", status)
        fields.put("subtotal", subtotal)
        fields.put("tax", tax)
        fields.put("total", total)
        fields.put("updatedAt", updatedAt)
        fields.put("dispute", dispute)
        fields.put("lineItems", lineItems)
        fields.put("metadata", metadata)
        fields.put("refund", refund)
        fields.put("returnUrl", returnUrl)
    }
}

extension PurchaseIntent.Provider: FieldObject {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        resourceId = try fields.required("resourceId")
        type = try fields.required("type")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("resourceId", resourceId)
        fields.put("type", type)
    }
}

package struct Dispute: FieldObject {
    package var id: UntrustedText
    package var amount: UntrustedText
    package var createdAt: UntrustedText
    package var currency: UntrustedText
    package var providerId: UntrustedText
    /// Required, and null where the bank gives none.
    package var reason: Nullable<UntrustedText>?
    package var status: UntrustedText
    package var updatedAt: UntrustedText
}

extension Dispute {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        id = try fields.required("id")
        amount = try fields.required("amount")
        createdAt = try fields.required("createdAt")
        currency = try fields.required("currency")
        providerId = try fields.required("providerId")
        reason = try fields.nullable("reason")
        status = try fields.required("status")
        updatedAt = try fields.required("updatedAt")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("id", id)
        fields.put("amount", amount)
        fields.put("createdAt", createdAt)
        fields.put("currency", currency)
        fields.put("providerId", providerId)
        fields.put("reason", reason)
        fields.put("status", status)
        fields.put("updatedAt", updatedAt)
    }
}

package struct OrbSubscriptionIntent: FieldObject {
    /// `orbsubint_…`
    package var id: UntrustedText
    package var configuration: JSONObject
    package var createdAt: UntrustedText
    package var orbSubscriptionId: UntrustedText
    /// In the SDK, not in the reference.
    package var orbUpdate: JSONObject?
    package var ownerId: UntrustedText
    package var status: OpenWord<PurchaseStatus>
    package var updatedAt: UntrustedText
    package var purchaseIntentId: UntrustedText?
}

extension OrbSubscriptionIntent {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        id = try fields.required("id")
        configuration = try fields.required("configuration")
        createdAt = try fields.required("createdAt")
        orbSubscriptionId = try fields.required("orbSubscriptionId")
        orbUpdate = try fields.optional("orbUpdate")
        ownerId = try fields.required("ownerId")
        status = try fields.required("status")
        updatedAt = try fields.required("updatedAt")
        purchaseIntentId = try fields.optional("purchaseIntentId")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("id", id)
        fields.put("configuration", configuration)
        fields.put("createdAt", createdAt)
        fields.put("orbSubscriptionId", orbSubscriptionId)
        fields.put("orbUpdate", orbUpdate)
        fields.put("ownerId", ownerId)
        fields.put("status", status)
        fields.put("updatedAt", updatedAt)
        fields.put("purchaseIntentId", purchaseIntentId)
    }
}
