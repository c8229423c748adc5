import HTTP
import JOSE
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// One thing that is wrong with a batch.
struct BatchProblem: Error, Equatable {
    /// From 1; 0 for the whole file.
    let line: Int
    let message: String

    init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }
}

/// One call of a batch.
struct BatchRecord: Sendable {
    /// What the marketplace does with the same call a second time.
    enum Repetition: Sendable {
        /// It keeps the latest data, which are the same.
        case replaces
        /// It refuses the second one (409).
        case isRefused
        /// It may act twice, and no look-up shows whether the first one arrived.
        case mayDouble
    }

    /// In the file's order, from 1.
    let number: Int
    /// The first line of the file that belongs to it.
    let line: Int
    let call: APICall
    /// SHA-256 of method, path and body.
    let digest: String
    /// For people: the day or the invoice.
    let label: String
    /// What it bills, in dollars; nil for what bills nothing.
    let total: DecimalText?

    init(number: Int, line: Int, _ call: APICall) {
        self.number = number
        self.line = line
        self.call = call
        let head = "\(call.operation.method.rawValue) \(CallReport.path(of: call))\n"
        digest = SHA256.hash(Array(head.utf8) + (call.body?.encoded.exposedBytes ?? [])).hexadecimal
        (label, total) = Self.describe(call)
    }

    var repetition: Repetition {
        switch call.operation {
        case .submitInvoice: call.isRepeatable ? .isRefused : .mayDouble
        default: .replaces
        }
    }

    /// What no other record of the file may have, with words for it.
    var identity: (key: String, what: String)? {
        let installation = call.parameters[.integrationConfigurationId] ?? ""
        switch call.body {
        case let data as BillingData:
            return (
                "data \(installation) \(data.eod.text.prefix(10)) \(data.timestamp)",
                "data of the same day with the same timestamp"
            )
        case let invoice as Invoice:
            guard let id = invoice.externalId, !id.isEmpty else { return ("digest \(digest)", "the same invoice") }
            return ("invoice \(installation) \(id.string)", "an invoice with the same externalId")
        case let balances as PrepaymentBalances:
            return ("balance \(installation) \(balances.timestamp)", "balances with the same timestamp")
        default: return nil
        }
    }

    private static func describe(_ call: APICall) -> (String, DecimalText?) {
        let installation = call.parameters[.integrationConfigurationId] ?? ""
        switch call.body {
        case let data as BillingData:
            let items =
                switch data.billing {
                case .items(let items): items
                case .itemsAndDiscounts(let billed): billed.items
                }
            return ("\(data.eod.text.prefix(10)) of \(installation)", sum(items.map(\.total)))
        case let invoice as Invoice:
            let id = invoice.externalId.map { "invoice \($0.string.visible)" } ?? "invoice without externalId"
            return ("\(id) of \(installation)", sum(invoice.items.map(\.total)))
        default: return ("balances of \(installation)", nil)
        }
    }

    static func sum(_ amounts: [DecimalText]) -> DecimalText? {
        var sum = DecimalText("0")
        for amount in amounts { sum = sum.flatMap { $0.adding(amount) } }
        return sum
    }
}
