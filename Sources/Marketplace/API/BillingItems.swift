package import Untrusted

/// The period of a billing cycle.
package struct BillingPeriod: FieldObject, Hashable {
    package var start: ISOTime
    package var end: ISOTime

    package func contains(_ time: ISOTime) -> Bool { start <= time && time <= end }

    func check(at path: String) throws(FieldError) {
        guard start <= end else { throw FieldError("\(path).end", .rule("must not be before start")) }
    }
}

extension BillingPeriod {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        start = try fields.required("start")
        end = try fields.required("end")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("start", start)
        fields.put("end", end)
    }
}

/// A line of a bill. `start` and `end` are there only where they differ from the period's.
package struct BillingItem: FieldObject {
    /// The partner's plan.
    package var billingPlanId: UntrustedText
    /// The partner's resource; nil for an item of the whole installation.
    package var resourceId: UntrustedText?
    package var start: ISOTime?
    package var end: ISOTime?
    package var name: UntrustedText
    package var details: UntrustedText?
    /// For one unit, in dollars.
    package var price: DecimalText
    package var quantity: Quantity
    package var units: UntrustedText
    /// In dollars.
    package var total: DecimalText
}

extension BillingItem {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        billingPlanId = try fields.required("billingPlanId")
        resourceId = try fields.optional("resourceId")
        start = try fields.optional("start")
        end = try fields.optional("end")
        name = try fields.required("name")
        details = try fields.optional("details")
        price = try fields.required("price")
        quantity = try fields.required("quantity")
        units = try fields.required("units")
        total = try fields.required("total")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("billingPlanId", billingPlanId)
        fields.put("resourceId", resourceId)
        fields.put("start", start)
        fields.put("end", end)
        fields.put("name", name)
        fields.put("details", details)
        fields.put("price", price)
        fields.put("quantity", quantity)
        fields.put("units", units)
        fields.put("total", total)
    }

    func check(at path: String) throws(FieldError) {
        if let start, let end, end < start { throw FieldError("\(path).end", .rule("must not be before start")) }
        // Not in the reference. A negative item would be a discount, which has a list of its own.
        guard !quantity.isNegative else { throw FieldError("\(path).quantity", .rule("must not be negative")) }
    }
}

package struct BillingDiscount: FieldObject {
    package var billingPlanId: UntrustedText
    package var resourceId: UntrustedText?
    package var start: ISOTime?
    package var end: ISOTime?
    package var name: UntrustedText
    package var details: UntrustedText?
    /// In dollars, without a sign.
    package var amount: DecimalText
}

extension BillingDiscount {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        billingPlanId = try fields.required("billingPlanId")
        resourceId = try fields.optional("resourceId")
        start = try fields.optional("start")
        end = try fields.optional("end")
        name = try fields.required("name")
        details = try fields.optional("details")
        amount = try fields.required("amount")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("billingPlanId", billingPlanId)
        fields.put("resourceId", resourceId)
        fields.put("start", start)
        fields.put("end", end)
        fields.put("name", name)
        fields.put("details", details)
        fields.put("amount", amount)
    }

    func check(at path: String) throws(FieldError) {
        if let start, let end, end < start { throw FieldError("\(path).end", .rule("must not be before start")) }
    }
}

/// What the marketplace bills once: a resource, or the whole installation, for one plan and period.
package struct Bill: Sendable, Hashable {
    package let resourceId: UntrustedText?
    package let billingPlanId: UntrustedText
    package let period: BillingPeriod

    package init(resourceId: UntrustedText?, billingPlanId: UntrustedText, period: BillingPeriod) {
        self.resourceId = resourceId
        self.billingPlanId = billingPlanId
        self.period = period
    }
}
