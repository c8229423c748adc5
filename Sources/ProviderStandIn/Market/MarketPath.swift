import HTTP

/// An address below `/v1/installations/{installation}` that a partner's server calls with the installation's token.
enum MarketPath: Equatable {
    case installation
    case events
    case billing
    case balance
    case finalize
    case invoices
    case invoice(String)
    case invoiceActions(String)
    case resources
    case resource(String)
    case secrets(resource: String)
    case items(resource: String)
    case item(resource: String, String)

    init?(_ segments: [String]) {
        switch (segments.count, segments.first) {
        case (0, _): self = .installation
        case (1, "events"): self = .events
        case (1, "billing"): self = .billing
        case (1, "resources"): self = .resources
        case (2, "billing") where segments[1] == "balance": self = .balance
        case (2, "billing") where segments[1] == "finalize": self = .finalize
        case (2, "billing") where segments[1] == "invoices": self = .invoices
        case (3, "billing") where segments[1] == "invoices": self = .invoice(segments[2])
        case (4, "billing") where segments[1] == "invoices" && segments[3] == "actions":
            self = .invoiceActions(segments[2])
        case (2, "resources"): self = .resource(segments[1])
        case (3, "resources") where segments[2] == "secrets": self = .secrets(resource: segments[1])
        // The deprecated address names the product, too, which decides nothing.
        case (5, "products") where segments[2] == "resources" && segments[4] == "secrets":
            self = .secrets(resource: segments[3])
        case (4, "resources") where segments[2] == "experimentation" && segments[3] == "items":
            self = .items(resource: segments[1])
        case (5, "resources") where segments[2] == "experimentation" && segments[3] == "items":
            self = .item(resource: segments[1], segments[4])
        default: return nil
        }
    }

    var methods: [HTTPMethod] {
        switch self {
        case .installation: [.patch]
        case .events, .billing, .balance, .finalize, .invoices, .invoiceActions, .items: [.post]
        case .invoice, .resources: [.get, .head]
        case .resource: [.get, .head, .put, .patch, .delete]
        case .secrets: [.put]
        case .item: [.patch, .delete]
        }
    }
}
