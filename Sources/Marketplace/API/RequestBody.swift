import JOSE
package import SecretMemory
package import Untrusted

/// A body that a partner sends.
package protocol RequestBody: FieldObject {
    /// Refuses what the marketplace would refuse, as far as that can be known here. `now` is the time of sending.
    func check(_ rules: LocalRules, now: ISOTime) throws(FieldError)

    /// Whether sending the same body twice does no more than sending it once.
    var isRepeatable: Bool { get }
}

extension RequestBody {
    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {}

    package var isRepeatable: Bool { false }

    /// Reads a body strictly: JSON without duplicate names, every number as exact as it is written, every field known, of its
    /// type, and there if required.
    package init(parsing bytes: SecretBytes) throws(FieldError) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes, onlyExactNumbers: true) } catch {
            let path = error.offset.map { JSONValue.path(to: $0, in: bytes.exposedBytes) } ?? ""
            if case .duplicateName = error { throw FieldError(path, .duplicate) }
            if case .inexactNumber = error {
                throw FieldError(path, .rule("must be a number that 64-bit floating point holds as it is written"))
            }
            throw FieldError(path, .notJSON(error.reason))
        }
        try self.init(value, at: .request)
    }

    /// The body as it is sent: written from the value, never from the bytes that it was read from.
    package var encoded: SecretBytes { SecretBytes(json.encoded) }
}

/// What is checked before sending. The numbers come from the documents; where those leave something open, or disagree, a
/// partner can set it.
package struct LocalRules: Sendable {
    /// How far back the end of a billing period and an `eod` may lie. In seconds. Reference of submitBillingData: 24 hours.
    package var oldestPeriodEnd: Int64 = 86_400
    /// The longest title of a notification, in characters. Only the vendor's example app has this limit; nil for none.
    package var longestTitle: Int? = 100
    /// Reference of the experimentation items: at most 50 in one call.
    package var mostExperimentationItems = 50
    /// Whether one invoice may have several items for the same resource and plan. The reference says that a resource is
    /// billed once in a period; the guide "Manage Billing and Refunds" allows several items within one invoice.
    package var allowsSeveralItemsOfOneBill = true
    /// What earlier invoices have billed already, where the caller keeps that: a second bill is refused here.
    package var billed: Set<Bill> = []
    /// The origins that a checkout may send the browser back to, as `https://app.example.com`; nil for any HTTPS one.
    package var checkoutOrigins: Set<String>?

    package init() {}
}
