import JOSE
import Untrusted

/// What the marketplace has received for one installation.
struct InstallationMarket {
    enum Deletion: Equatable {
        case none
        /// Since when, and whether the partner has said that no invoices follow.
        case pending(since: Int64, isFinal: Bool)
        case done
    }

    /// The data of one day: of several, those with the latest `timestamp` are kept.
    struct Day {
        let timestamp: ISOTime
        let body: JSONObject
    }

    /// What is billed once.
    struct Bill: Hashable {
        let resource: UntrustedText?
        let plan: UntrustedText
        let start: UntrustedText
        let end: UntrustedText
    }

    var events: [JSONObject] = []
    /// By the UTC date of their `eod`.
    var days: [String: Day] = [:]
    var balance: Day?
    var invoices: [StandInInvoice] = []
    var bills: Set<Bill> = []
    /// What the partner has said of the installation itself.
    var installation: JSONObject = [:]
    /// In the order of their coming, by the partner's id.
    var resources: [(id: String, fields: JSONObject)] = []
    /// By resource, in the order of the partner's list.
    var secrets: [String: [JSONObject]] = [:]
    /// Of experimentation, by resource and id.
    var items: [String: [String: JSONObject]] = [:]
    var deletion = Deletion.none

    init(_ installation: StandInSettings.Installation) {
        resources = installation.resources.enumerated().map { number, resource in
            let product = resource.product.lowercased().split(separator: " ").joined(separator: "-")
            return (
                resource.id,
                [
                    "internalId": .string("store_\(number + 1)"), "name": .string(resource.name),
                    "status": .string("ready"), "productId": .string(product),
                ]
            )
        }
    }

    /// A webhook that is due.
    struct Notice {
        let type: String
        /// Nil for what is no invoice's.
        let invoice: StandInInvoice?
        let time: Int64
    }

    /// Lets time pass until `time`: what falls due happens in its order, each at its own moment.
    mutating func settle(until time: Int64, _ times: InvoiceTimes, _ payment: StandInInvoice.Payment) -> [Notice] {
        var notices: [Notice] = []
        while true {
            let due = invoices.indices.min { (invoices[$0].next ?? .max) < (invoices[$1].next ?? .max) }
            let moment = due.flatMap { invoices[$0].next } ?? .max
            if let end = endOfDeletion(times), end <= time, end <= moment {
                deletion = .done
                notices.append(Notice(type: "integration-configuration.removed", invoice: nil, time: end))
            }
            guard let due, moment <= time else { return notices }
            if let event = invoices[due].step(times, payment) {
                notices.append(
                    Notice(type: "marketplace.invoice.\(event.rawValue)", invoice: invoices[due], time: moment))
            }
        }
    }

    /// When a pending deletion completes: a day after the request, or as soon as the partner has finalized and every
    /// invoice is paid.
    private func endOfDeletion(_ times: InvoiceTimes) -> Int64? {
        guard case .pending(let since, let isFinal) = deletion else { return nil }
        let settled = invoices.map(\.updated).max() ?? since
        if isFinal, invoices.allSatisfy(\.isSettled) { return max(since, settled) }
        return isFinal ? nil : since + times.deletion
    }
}
