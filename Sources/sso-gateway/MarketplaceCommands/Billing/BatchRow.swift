import JOSE
import Marketplace
import Untrusted

/// One line of usage or of a bill, as a row of a CSV file or a line of a JSON Lines file has it.
struct BatchRow {
    /// What a line is.
    enum Kind: String, CaseIterable {
        case usage, billing, discount, invoice, invoiceDiscount

        var isInvoice: Bool { self == .invoice || self == .invoiceDiscount }

        /// The columns of the record that the line belongs to.
        var ofRecord: [Column] {
            isInvoice
                ? [.externalId, .invoiceDate, .memo, .periodStart, .periodEnd]
                : [.timestamp, .eod, .periodStart, .periodEnd]
        }

        /// The columns of the line itself.
        var ofLine: [Column] {
            switch self {
            case .usage: [.resourceId, .name, .type, .units, .dayValue, .periodValue, .planValue]
            case .billing, .invoice:
                [.billingPlanId, .resourceId, .start, .end, .name, .details, .price, .quantity, .units, .total]
            case .discount, .invoiceDiscount: [.billingPlanId, .resourceId, .start, .end, .name, .details, .amount]
            }
        }
    }

    /// The API's own names, with `period.start` and `period.end` for the two of a period.
    enum Column: String, CaseIterable {
        case installation, line, timestamp, eod
        case periodStart = "period.start"
        case periodEnd = "period.end"
        case externalId, invoiceDate, memo, billingPlanId, resourceId, name, start, end, details, price, quantity
        case units, total, amount, type, dayValue, periodValue, planValue

        /// A number in JSON; all others are strings, amounts of money too.
        var isNumber: Bool { [.quantity, .dayValue, .periodValue, .planValue].contains(self) }
        var jsonName: UntrustedText { UntrustedText(rawValue) }
    }

    /// The record that a row belongs to.
    struct Key: Hashable {
        let installation: UntrustedText
        let isInvoice: Bool
        /// Of `Kind.ofRecord`; nil for what is absent.
        let values: [UntrustedText?]
    }

    let line: Int
    let kind: Kind
    let key: Key
    let json: JSONValue

    /// `values` has no column twice. Every value is checked here, so that a problem names the row's own line.
    init(line: Int, _ values: [Column: JSONValue]) throws(BatchProblem) {
        self.line = line
        let fault = { (column: Column, message: String) in
            BatchProblem(line: line, "\(column.rawValue) \(message)")
        }
        guard case .string(let installation)? = values[.installation], !installation.isEmpty else {
            throw fault(.installation, "is missing.")
        }
        let words = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        guard let word = values[.line] else { throw fault(.line, "is missing.") }
        guard case .string(let text) = word, let kind = Kind(text) else {
            throw fault(.line, "must be one of \(words).")
        }
        self.kind = kind
        let known = kind.ofRecord + kind.ofLine + [.installation, .line]
        if let column = Column.allCases.first(where: { values[$0] != nil && !known.contains($0) }) {
            throw fault(column, "has no meaning in a line of \(kind.rawValue).")
        }
        var record: [UntrustedText?] = []
        for column in kind.ofRecord {
            switch values[column] {
            case .string(let text)?: record.append(text)
            case nil where column == .externalId || column == .memo: record.append(nil)
            case nil: throw fault(column, "is missing.")
            default: throw fault(column, "must be a string.")
            }
            if column != .externalId, column != .memo, record.last.flatMap({ $0 }).flatMap({ ISOTime($0) }) == nil {
                throw fault(column, "must be a time in ISO 8601 with date, time and zone.")
            }
        }
        key = Key(installation: installation, isInvoice: kind.isInvoice, values: record)
        json = .object(
            JSONObject(kind.ofLine.compactMap { column in values[column].map { (column.jsonName, $0) } }))
        do { try check() } catch { throw BatchProblem(line: line, error.description) }
    }

    private func check() throws(FieldError) {
        switch kind {
        case .usage: _ = try Usage(json, at: .request)
        case .billing, .invoice: _ = try BillingItem(json, at: .request)
        case .discount, .invoiceDiscount: _ = try BillingDiscount(json, at: .request)
        }
    }

    /// The body of a record, of all its rows.
    static func body(of rows: [BatchRow]) -> JSONValue {
        let key = rows[0].key
        let list = { (kind: Kind) in JSONValue.array(rows.filter { $0.kind == kind }.map(\.json)) }
        var members = zip(rows[0].kind.ofRecord, key.values).compactMap { column, value in
            column == .periodStart || column == .periodEnd ? nil : value.map { (column.jsonName, JSONValue.string($0)) }
        }
        let period = key.values.suffix(2).map { JSONValue.string($0 ?? "") }
        members.append(("period", .object(["start": period[0], "end": period[1]])))
        if key.isInvoice {
            members.append(("items", list(.invoice)))
            if rows.contains(where: { $0.kind == .invoiceDiscount }) {
                members.append(("discounts", list(.invoiceDiscount)))
            }
        } else {
            let hasDiscounts = rows.contains { $0.kind == .discount }
            let billed: JSONObject = ["items": list(.billing), "discounts": list(.discount)]
            members.append(("billing", hasDiscounts ? .object(billed) : list(.billing)))
            members.append(("usage", list(.usage)))
        }
        return .object(JSONObject(members.map { (name: $0.0, value: $0.1) }))
    }

    /// The line of the row that a path of the body, such as `billing.items[2].price`, is about.
    static func line(of path: String, in rows: [BatchRow]) -> Int {
        let parts = path.split(separator: "[", maxSplits: 1)
        guard parts.count == 2, let index = Int(parts[1].prefix { $0 != "]" }) else { return rows[0].line }
        let isInvoice = rows[0].key.isInvoice
        let kind: Kind =
            switch parts[0] {
            case "usage": .usage
            case "discounts", "billing.discounts": isInvoice ? .invoiceDiscount : .discount
            default: isInvoice ? .invoice : .billing
            }
        let fitting = rows.filter { $0.kind == kind }
        return fitting.indices.contains(index) ? fitting[index].line : rows[0].line
    }
}
