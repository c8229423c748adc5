import Untrusted

/// The documented bodies, by the operation that takes them.
enum MarketShapes {
    static let event: Shape = .object([.init("event", .object([.init("type", .text())], isOpen: true))])
    static let installationUpdated: Shape = .object([
        .init("type", .word(["installation.updated"])), .init("billingPlanId", .text(), isRequired: false),
    ])
    static let resourceUpdated: Shape = .object([
        .init("type", .word(["resource.updated"])), .init("resourceId", .text()),
        .init("productId", .text(), isRequired: false),
    ])

    private static let period: Shape = .object([.init("start", .time), .init("end", .time)])
    private static let line: [Shape.Field] = [
        .init("billingPlanId", .text()), .init("resourceId", .text(), isRequired: false),
        .init("start", .time, isRequired: false), .init("end", .time, isRequired: false), .init("name", .text()),
        .init("details", .text(), isRequired: false),
    ]
    private static let item: Shape = .object(
        line + [
            .init("price", .amount), .init("quantity", .number), .init("units", .text()), .init("total", .amount),
        ])
    private static let discount: Shape = .object(line + [.init("amount", .amount)])
    private static let usage: Shape = .object([
        .init("resourceId", .text(), isRequired: false), .init("name", .text()),
        .init("type", .word(["total", "interval", "rate"])), .init("units", .text()), .init("dayValue", .number),
        .init("periodValue", .number), .init("planValue", .number, isRequired: false),
    ])
    static let billing: Shape = .object([
        .init("timestamp", .time), .init("eod", .time), .init("period", period),
        .init(
            "billing",
            .listOr(
                item,
                .object([.init("items", .list(item)), .init("discounts", .list(discount), isRequired: false)]))),
        .init("usage", .list(usage)),
    ])
    static let invoice: Shape = .object([
        .init("externalId", .text(), isRequired: false), .init("invoiceDate", .time),
        .init("memo", .text(), isRequired: false), .init("period", period), .init("items", .list(item)),
        .init("discounts", .list(discount), isRequired: false), .init("final", .bool, isRequired: false),
        .init(
            "test",
            .object([
                .init("validate", .bool, isRequired: false),
                .init("result", .word(["paid", "notpaid", "overdue"]), isRequired: false),
            ]), isRequired: false),
    ])
    static let refund: Shape = .object([
        .init("action", .word(["refund"])), .init("reason", .text()), .init("total", .amount),
    ])
    static let balances: Shape = .object([
        .init("timestamp", .time),
        .init(
            "balances",
            .list(
                .object([
                    .init("currencyValueInCents", .number), .init("resourceId", .text(), isRequired: false),
                    .init("credit", .text(), isRequired: false), .init("nameLabel", .text(), isRequired: false),
                ]))),
    ])

    private static let secret: Shape = .object([
        .init("name", .text()), .init("value", .text()), .init("prefix", .text(), isRequired: false),
        .init(
            "environmentOverrides",
            .object(["development", "preview", "production"].map { .init($0, .text(), isRequired: false) }),
            isRequired: false),
    ])
    static let secrets: Shape = .object([
        .init("secrets", .list(secret)), .init("partial", .bool, isRequired: false),
    ])

    private static let details: Shape = .list(
        .object([.init("label", .text()), .init("value", .text(), isRequired: false)]))
    private static let plan: Shape = .object(
        [
            .init("id", .text()), .init("type", .word(["prepayment", "subscription"])), .init("name", .text()),
            .init("description", .text(), isRequired: false), .init("paymentMethodRequired", .bool, isRequired: false),
            .init("cost", .text(), isRequired: false), .init("details", details, isRequired: false),
            .init("highlightedDetails", details, isRequired: false), .init("effectiveDate", .text(), isRequired: false),
        ], isOpen: true)
    private static let notification: Shape = .object([
        .init("level", .word(["info", "warn", "error"])), .init("title", .text()),
        .init("message", .text(), isRequired: false), .init("href", .text(), isRequired: false),
    ])
    private static let status: Shape = .word([
        "ready", "pending", "onboarding", "suspended", "resumed", "uninstalled", "error",
    ])
    private static let ownership: Shape = .word(["owned", "linked", "sandbox"])
    static let installation: Shape = .object([
        .init("status", status, isRequired: false), .init("externalId", .text(), isRequired: false),
        .init("billingPlan", plan, isRequired: false),
        .init("notification", .nullable(notification), isRequired: false),
    ])
    static let imported: Shape = .object([
        .init("ownership", ownership, isRequired: false), .init("productId", .text()), .init("name", .text()),
        .init("status", status), .init("metadata", .anyObject, isRequired: false),
        .init("billingPlan", plan, isRequired: false), .init("notification", notification, isRequired: false),
        .init("extras", .anyObject, isRequired: false), .init("secrets", .list(secret), isRequired: false),
    ])
    static let resource: Shape = .object([
        .init("ownership", ownership, isRequired: false), .init("name", .text(), isRequired: false),
        .init("status", status, isRequired: false), .init("metadata", .anyObject, isRequired: false),
        .init("billingPlan", plan, isRequired: false),
        .init("notification", .nullable(notification), isRequired: false),
        .init("extras", .anyObject, isRequired: false), .init("secrets", .listOr(secret, secrets), isRequired: false),
    ])

    private static let itemFields: [Shape.Field] = [
        .init("slug", .text(atMost: 1024)), .init("origin", .text(atMost: 2048)),
        .init("category", .word(["experiment", "flag"]), isRequired: false),
        .init("name", .text(atMost: 1024), isRequired: false),
        .init("description", .text(atMost: 1024), isRequired: false), .init("isArchived", .bool, isRequired: false),
        .init("createdAt", .number, isRequired: false), .init("updatedAt", .number, isRequired: false),
    ]
    static let newItems: Shape = .object([
        .init("items", .list(.object([.init("id", .text(atMost: 1024))] + itemFields), atMost: 50))
    ])
    static let changedItem: Shape = .object(itemFields)

    static let credits: Shape = .object([
        .init(
            "item",
            .object([
                .init("type", .word(["credits"])), .init("creditType", .word(["v0", "gateway", "agent"])),
                .init("amount", .integer),
            ]))
    ])
    static let checkout: Shape = .object([
        .init("cancel_url", .text()), .init("quantity", .integer), .init("success_url", .text()),
    ])
}
