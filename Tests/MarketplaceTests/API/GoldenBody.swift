import JOSE
import Testing
import Untrusted

@testable import Marketplace

/// A body with every documented field, in the order and the form in which it is sent; values are those of the reference's
/// examples where it has any.
struct GoldenBody: Sendable, CustomTestStringConvertible {
    let operation: APIOperation
    let label: String
    let text: String
    /// The fields that may not be missing.
    let required: Set<String>
    /// Where any JSON is allowed.
    let open: [String]

    init(_ operation: APIOperation, _ label: String = "", required: Set<String>, open: [String] = [], _ text: String) {
        self.operation = operation
        self.label = label
        self.text = text
        self.required = required
        self.open = open
    }

    var testDescription: String { "\(operation.name) \(label)" }
    var json: JSONValue {
        get throws { try JSONValue.parse(Array(text.utf8)) }
    }

    /// Paths at which the reference says what may stand.
    var closedPaths: [JSONTree.Path] {
        get throws {
            try JSONTree.paths(in: json).filter { path in
                let text = JSONTree.text(path)
                return !open.contains { text.hasPrefix("\($0).") || text.hasPrefix("\($0)[") }
            }
        }
    }

    static let item = #"""
        {"billingPlanId":"plan_pro","resourceId":"db_engine","start":"2023-03-12T13:32:00.895Z",\#
        "end":"2023-12-15T15:17:13.187Z","name":"Compute","details":"Two engines","price":"694.00","quantity":228.64,\#
        "units":"hours","total":"158676.16"}
        """#
    static let discount = #"""
        {"billingPlanId":"plan_pro","resourceId":"db_engine","start":"2023-03-12T13:32:00.895Z",\#
        "end":"2023-12-15T15:17:13.187Z","name":"Launch","details":"First year","amount":"0.50"}
        """#
    static let itemFields = ["billingPlanId", "name", "price", "quantity", "units", "total"]
    static let discountFields = ["billingPlanId", "name", "amount"]
    static let plan = #"""
        {"id":"plan_pro","type":"subscription","name":"Pro","description":"For teams","paymentMethodRequired":true,\#
        "cost":"$20.00 a month","details":[{"label":"Storage","value":"10 GB"}],\#
        "highlightedDetails":[{"label":"Seats","value":"5"}],"effectiveDate":"2026-01-01T00:00:00.000Z",\#
        "maxResources":3}
        """#
    static let planFields = ["id", "type", "name", "details[0].label", "highlightedDetails[0].label"]
    static let notice = #"{"level":"warn","title":"Renew","message":"Your plan ends soon.","href":"sso:billing"}"#
    static let secret = #"""
        {"name":"DATABASE_URL","value":"postgres://secret","prefix":"ACME_","environmentOverrides":\#
        {"development":"postgres://d","preview":"postgres://p","production":"postgres://x"}}
        """#
    static let experiment = #"""
        "slug":"dark-mode","origin":"https://app.example.com/flags/dark-mode","category":"flag","name":"Dark mode",\#
        "description":"The dark theme","isArchived":false,"createdAt":1767225600000,"updatedAt":1767225600000.5
        """#

    static func prefixed(_ prefix: String, _ names: [String]) -> [String] { names.map { "\(prefix).\($0)" } }

    static let all: [GoldenBody] = [
        GoldenBody(
            .createEvent, "installation.updated", required: ["event", "event.type"],
            #"{"event":{"type":"installation.updated","billingPlanId":"plan_pro"}}"#),
        GoldenBody(
            .createEvent, "resource.updated", required: ["event", "event.type", "event.resourceId"],
            #"{"event":{"type":"resource.updated","resourceId":"db_engine","productId":"acme-postgres"}}"#),
        GoldenBody(
            .submitBillingData, "items",
            required: Set(
                ["timestamp", "eod", "period", "period.start", "period.end", "billing", "usage"]
                    + prefixed("billing[0]", itemFields)
                    + prefixed("usage[0]", ["name", "type", "units", "dayValue", "periodValue"])),
            #"""
            {"timestamp":"2023-11-26T05:03:03.977Z","eod":"2023-04-14T04:58:49.647Z","period":{"start":"2023-03-12T13:32:00.895Z",\#
            "end":"2023-12-15T15:17:13.187Z"},"billing":[\#(item)],"usage":[{"resourceId":"db_engine","name":"Storage",\#
            "type":"total","units":"GB","dayValue":4.25,"periodValue":9,"planValue":10}]}
            """#),
        GoldenBody(
            .submitBillingData, "items and discounts",
            required: Set(
                ["timestamp", "eod", "period", "period.start", "period.end", "billing", "billing.items", "usage"]
                    + prefixed("billing.items[0]", itemFields) + prefixed("billing.discounts[0]", discountFields)),
            #"""
            {"timestamp":"2023-11-26T05:03:03.977Z","eod":"2023-04-14T04:58:49.647Z","period":{"start":"2023-03-12T13:32:00.895Z",\#
            "end":"2023-12-15T15:17:13.187Z"},"billing":{"items":[\#(item)],"discounts":[\#(discount)]},"usage":[]}
            """#),
        GoldenBody(
            .submitInvoice,
            required: Set(
                ["invoiceDate", "period", "period.start", "period.end", "items"] + prefixed("items[0]", itemFields)
                    + prefixed("discounts[0]", discountFields)),
            #"""
            {"externalId":"bill-2023-12","invoiceDate":"2023-12-12T13:24:35.882Z","memo":"Thank you",\#
            "period":{"start":"2023-03-12T13:32:00.895Z","end":"2023-12-15T15:17:13.187Z"},"items":[\#(item)],\#
            "discounts":[\#(discount)],"final":true,"test":{"validate":true,"result":"overdue"}}
            """#),
        GoldenBody(
            .updateInvoice, required: ["action", "reason", "total"],
            #"{"action":"refund","reason":"Outage","total":"12.50"}"#),
        GoldenBody(
            .submitPrepaymentBalances, required: ["timestamp", "balances", "balances[0].currencyValueInCents"],
            #"""
            {"timestamp":"2023-11-26T05:03:03.977Z","balances":[{"resourceId":"db_engine","credit":"2,000 Tokens",\#
            "nameLabel":"Tokens","currencyValueInCents":-3500}]}
            """#),
        GoldenBody(
            .updateInstallation,
            required: Set(
                prefixed("billingPlan", planFields) + ["notification.level", "notification.title"]),
            open: ["billingPlan.maxResources"],
            #"{"status":"ready","externalId":"acct_7","billingPlan":\#(plan),"notification":\#(notice)}"#),
        GoldenBody(
            .updateInstallation, "no notice", required: [], open: ["notification"], #"{"notification":null}"#),
        GoldenBody(
            .importResource,
            required: Set(
                [
                    "productId", "name", "status", "notification.level", "notification.title", "secrets[0].name",
                    "secrets[0].value",
                ] + prefixed("billingPlan", planFields)),
            open: ["metadata", "extras", "billingPlan.maxResources"],
            #"""
            {"ownership":"linked","productId":"acme-postgres","name":"engine","status":"ready",\#
            "metadata":{"region":"iad1","replicas":[1,2],"ha":true},"billingPlan":\#(plan),"notification":\#(notice),\#
            "extras":{"any":{"depth":null}},"secrets":[\#(secret)]}
            """#),
        GoldenBody(
            .updateResource, "secrets alone",
            required: Set(
                ["notification.level", "notification.title", "secrets[0].name", "secrets[0].value"]
                    + prefixed("billingPlan", planFields)),
            open: ["metadata", "extras", "billingPlan.maxResources"],
            #"""
            {"ownership":"owned","name":"engine","status":"suspended","metadata":{"region":"iad1"},\#
            "billingPlan":\#(plan),"notification":\#(notice),"extras":{},"secrets":[\#(secret)]}
            """#),
        GoldenBody(
            .updateResource, "secrets in part",
            required: ["secrets.secrets", "secrets.secrets[0].name", "secrets.secrets[0].value"],
            #"{"notification":null,"secrets":{"secrets":[\#(secret)],"partial":true}}"#),
        GoldenBody(
            .updateResourceSecretsById, required: ["secrets", "secrets[0].name", "secrets[0].value"],
            #"{"secrets":[\#(secret)],"partial":false}"#),
        GoldenBody(
            .updateResourceSecrets, required: ["secrets", "secrets[0].name", "secrets[0].value"],
            #"{"secrets":[\#(secret)]}"#),
        GoldenBody(
            .createInstallationIntegrationConfiguration,
            required: ["items", "items[0].id", "items[0].slug", "items[0].origin"],
            #"{"items":[{"id":"flag_1",\#(experiment)}]}"#),
        GoldenBody(
            .updateInstallationIntegrationConfiguration, required: ["slug", "origin"], "{\(experiment)}"),
        GoldenBody(
            .buyCredits, required: ["item", "item.type", "item.creditType", "item.amount"],
            #"{"item":{"type":"credits","creditType":"v0","amount":100}}"#),
        GoldenBody(
            .createCheckoutSession, required: ["cancel_url", "quantity", "success_url"],
            #"{"cancel_url":"https://app.example.com/no","quantity":10,"success_url":"https://app.example.com/yes"}"#),
        GoldenBody(
            .rotateInstallationCredential, required: ["client_secret"],
            #"{"client_secret":"s","client_id":"oac_1"}"#),
        GoldenBody(
            .revokeInstallationCredential, required: ["token", "client_secret"],
            #"{"token":"t","client_secret":"s","client_id":"oac_1"}"#),
    ]
}
