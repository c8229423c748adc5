package import JOSE
package import Untrusted

/// A plan of the partner's. The one object of a request that the reference leaves open: other fields are kept as they are.
package struct BillingPlan: FieldObject {
    package enum Kind: String, CaseIterable, FieldValue {
        case prepayment, subscription
    }

    package struct Detail: Sendable, Equatable {
        package var label: UntrustedText
        package var value: UntrustedText?
    }

    package var id: UntrustedText
    package var type: Kind
    package var name: UntrustedText
    package var description: UntrustedText?
    package var paymentMethodRequired: Bool?
    /// For people: `$20 a month`.
    package var cost: UntrustedText?
    package var details: [Detail]?
    package var highlightedDetails: [Detail]?
    /// The reference says a string and no more.
    package var effectiveDate: UntrustedText?
    package var otherFields: JSONObject = [:]
}

extension BillingPlan {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        id = try fields.required("id")
        type = try fields.required("type")
        name = try fields.required("name")
        description = try fields.optional("description")
        paymentMethodRequired = try fields.optional("paymentMethodRequired")
        cost = try fields.optional("cost")
        details = try fields.optional("details")
        highlightedDetails = try fields.optional("highlightedDetails")
        effectiveDate = try fields.optional("effectiveDate")
        otherFields = fields.rest()
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("id", id)
        fields.put("type", type)
        fields.put("name", name)
        fields.put("description", description)
        fields.put("paymentMethodRequired", paymentMethodRequired)
        fields.put("cost", cost)
        fields.put("details", details)
        fields.put("highlightedDetails", highlightedDetails)
        fields.put("effectiveDate", effectiveDate)
        fields.put(otherFields)
    }
}

extension BillingPlan.Detail: FieldObject {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        label = try fields.required("label")
        value = try fields.optional("value")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("label", label)
        fields.put("value", value)
    }
}
