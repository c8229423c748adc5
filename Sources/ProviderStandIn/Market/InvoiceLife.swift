import JOSE
import Untrusted

/// How long an invoice stays in each state. The marketplace documents the states, not the times, so all are settings. In
/// seconds.
package struct InvoiceTimes: Sendable {
    /// From pending to invoiced.
    package var processing: Int64 = 3600
    /// From invoiced to the first payment.
    package var payment: Int64 = 86_400
    /// Between payments that fail.
    package var retry: Int64 = 86_400
    /// How often a failed payment is tried again. The guide "Manage Billing and Refunds": up to 9 times.
    package var retries = 9
    /// From a refund's request to the refund.
    package var refund: Int64 = 86_400
    /// How long a deletion waits for final invoices. Marketplace API, delete-installation: 24 hours.
    package var deletion: Int64 = 86_400

    package init() {}
}

/// One invoice and what becomes of it. Times are parameters.
struct StandInInvoice {
    enum State: String {
        case pending, scheduled, invoiced, paid, notpaid, overdue
        case refundRequested = "refund_requested", refunded
    }

    /// What a customer does with an invoice.
    enum Payment: String, CaseIterable {
        case paid, notpaid, overdue
    }

    /// What a webhook reports. The raw value is the webhook's name behind `marketplace.invoice.`.
    enum Event: String {
        case created, paid, notpaid, overdue, refunded
    }

    let id: String
    let number: String
    let submitted: JSONObject
    let total: DecimalText
    let created: Int64
    /// Of a test invoice alone: this instead of the customer's payment.
    let result: Payment?
    let isTest: Bool

    private(set) var state: State
    private(set) var updated: Int64
    private(set) var paidAt: Int64?
    private(set) var refundedAt: Int64?
    private(set) var refundReason: String?
    /// Of all refunds together.
    private(set) var refundTotal: DecimalText?
    /// What the next webhook about a refund says.
    private(set) var refundAmount: DecimalText?
    private(set) var failures = 0
    /// When the state changes next; nil for never by itself.
    private(set) var next: Int64?

    init(
        id: String, number: String, submitted: JSONObject, total: DecimalText, date: Int64, now: Int64,
        _ times: InvoiceTimes
    ) {
        self.id = id
        self.number = number
        self.submitted = submitted
        self.total = total
        created = now
        updated = now
        if case .object(let test)? = submitted["test"] {
            isTest = true
            result = test["result"]?.text.flatMap { Payment($0) }
        } else {
            isTest = false
            result = nil
        }
        state = date > now ? .scheduled : .pending
        next = date > now ? date : now + times.processing
    }

    /// Does what is due at `next`.
    mutating func step(_ times: InvoiceTimes, _ payment: Payment) -> Event? {
        guard let time = next else { return nil }
        updated = time
        switch state {
        case .scheduled:
            state = .pending
            next = time + times.processing
            return nil
        case .pending:
            state = .invoiced
            next = time + times.payment
            return .created
        case .invoiced, .notpaid, .overdue: return pay(result ?? payment, at: time, times)
        case .refundRequested:
            state = .refunded
            refundedAt = time
            next = nil
            return .refunded
        case .paid, .refunded:
            next = nil
            return nil
        }
    }

    private mutating func pay(_ payment: Payment, at time: Int64, _ times: InvoiceTimes) -> Event? {
        let wasOverdue = state == .overdue
        switch payment {
        case .paid:
            state = .paid
            paidAt = time
            next = nil
            return .paid
        case .notpaid:
            state = .notpaid
            failures += 1
            next = failures <= times.retries ? time + times.retry : nil
            return .notpaid
        case .overdue:
            state = .overdue
            failures += 1
            next = failures <= times.retries ? time + times.retry : nil
            return wasOverdue ? nil : .overdue
        }
    }

    /// Asks for `amount` back, which must not be more than is left.
    mutating func requestRefund(_ amount: DecimalText, _ reason: String, at time: Int64, _ times: InvoiceTimes) {
        state = .refundRequested
        refundReason = reason
        refundAmount = amount
        refundTotal = refundTotal.map { $0.adding(amount) ?? $0 } ?? amount
        updated = time
        next = time + times.refund
    }

    /// What can still be refunded.
    var refundable: DecimalText { refundTotal.flatMap { total.subtracting($0) } ?? total }

    /// A customer who has paid owes nothing.
    var isSettled: Bool { state == .paid || state == .refunded || state == .refundRequested }

    /// The answer of getInvoice.
    var json: JSONObject {
        var members: [(name: UntrustedText, value: JSONValue)] = [
            ("invoiceId", .string(id)), ("state", .string(state.rawValue)), ("invoiceNumber", .string(number)),
            ("total", .string(total.text)), ("created", Self.time(created)), ("updated", Self.time(updated)),
            ("test", .bool(isTest)),
        ]
        for name: UntrustedText in ["externalId", "invoiceDate", "period", "memo", "items", "discounts"] {
            if let value = submitted[name] { members.append((name, value)) }
        }
        if let paidAt { members.append(("paidAt", Self.time(paidAt))) }
        if let refundedAt { members.append(("refundedAt", Self.time(refundedAt))) }
        if let refundReason { members.append(("refundReason", .string(refundReason))) }
        if let refundTotal { members.append(("refundTotal", .string(refundTotal.text))) }
        return JSONObject(members)
    }

    static func time(_ seconds: Int64) -> JSONValue { .string(ISOTime(seconds: seconds).text) }
}
