import HTTP
package import JOSE
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// What a customer has used and owes so far. It charges nothing. To be sent every day, better every hour; of several
    /// for one day the marketplace keeps the one with the latest `timestamp`.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/submit-billing-data>
    package static let submitBillingData = APIOperation(
        "submitBillingData", .post, "/v1/installations/{integrationConfigurationId}/billing", body: BillingData.self,
        success: 201)
}

/// The body of submitBillingData.
package struct BillingData: RequestBody {
    /// The partner's clock.
    package var timestamp: ISOTime
    /// When the day ends that the data are about.
    package var eod: ISOTime
    package var period: BillingPeriod
    package var billing: Billing
    package var usage: [Usage]

    /// The two documented forms.
    package enum Billing: Sendable, Equatable {
        case items([BillingItem])
        case itemsAndDiscounts(BilledItems)
    }

    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {
        try period.check(at: "period")
        let tooOld = FieldError.Problem.rule("must not be older than \(rules.oldestPeriodEnd / 3600) hours")
        guard period.end.seconds >= now.seconds - rules.oldestPeriodEnd else { throw FieldError("period.end", tooOld) }
        guard period.contains(eod) else { throw FieldError("eod", .rule("must be inside the period")) }
        guard eod.seconds >= now.seconds - rules.oldestPeriodEnd else { throw FieldError("eod", tooOld) }
        switch billing {
        case .items(let items):
            for index in items.indices { try items[index].check(at: "billing[\(index)]") }
        case .itemsAndDiscounts(let billed):
            for index in billed.items.indices { try billed.items[index].check(at: "billing.items[\(index)]") }
            let discounts = billed.discounts ?? []
            for index in discounts.indices { try discounts[index].check(at: "billing.discounts[\(index)]") }
        }
    }
}

extension BillingData {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        timestamp = try fields.required("timestamp")
        eod = try fields.required("eod")
        period = try fields.required("period")
        billing = try fields.required("billing")
        usage = try fields.required("usage")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("timestamp", timestamp)
        fields.put("eod", eod)
        fields.put("period", period)
        fields.put("billing", billing)
        fields.put("usage", usage)
    }
}

extension BillingData.Billing: FieldValue {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        switch value {
        case .array: self = .items(try [BillingItem](value, at: place))
        case .object: self = .itemsAndDiscounts(try BilledItems(value, at: place))
        default: throw place.error(.wrongType("an array of items, or an object with items and discounts"))
        }
    }

    package var json: JSONValue {
        switch self {
        case .items(let items): items.json
        case .itemsAndDiscounts(let billed): billed.json
        }
    }
}

package struct BilledItems: FieldObject {
    package var items: [BillingItem]
    package var discounts: [BillingDiscount]?
}

extension BilledItems {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        items = try fields.required("items")
        discounts = try fields.optional("discounts")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("items", items)
        fields.put("discounts", discounts)
    }
}

/// A measurement.
package struct Usage: FieldObject {
    package enum Kind: String, CaseIterable, FieldValue {
        /// A measured total, such as the size of a database.
        case total
        /// Use within the period, such as the number of queries.
        case interval
        /// Use in a unit of time, such as queries per second.
        case rate
    }

    package var resourceId: UntrustedText?
    package var name: UntrustedText
    package var type: Kind
    package var units: UntrustedText
    /// For the day, final or so far.
    package var dayValue: Quantity
    /// For the period, final or so far.
    package var periodValue: Quantity
    /// The plan's limit for a period.
    package var planValue: Quantity?
}

extension Usage {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        resourceId = try fields.optional("resourceId")
        name = try fields.required("name")
        type = try fields.required("type")
        units = try fields.required("units")
        dayValue = try fields.required("dayValue")
        periodValue = try fields.required("periodValue")
        planValue = try fields.optional("planValue")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("resourceId", resourceId)
        fields.put("name", name)
        fields.put("type", type)
        fields.put("units", units)
        fields.put("dayValue", dayValue)
        fields.put("periodValue", periodValue)
        fields.put("planValue", planValue)
    }
}

extension MarketplaceAPI {
    package func submitBillingData(
        _ data: BillingData, of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(.submitBillingData, [.integrationConfigurationId: installation], body: data)
        try await perform(call, token: token, now: now)
    }
}
