import JOSE
import Testing
import Untrusted

@testable import Marketplace

/// An answer of the marketplace's with every documented field.
struct GoldenAnswer: Sendable, CustomTestStringConvertible {
    let type: any FieldValue.Type
    let text: String
    let required: Set<String>
    /// Where any JSON is allowed.
    let open: [String]

    init(_ type: any FieldValue.Type, required: Set<String>, open: [String] = [], _ text: String) {
        self.type = type
        self.text = text
        self.required = required
        self.open = open
    }

    var testDescription: String { "\(type) \(text.prefix(24))" }
    var json: JSONValue {
        get throws { try JSONValue.parse(Array(text.utf8)) }
    }

    private static let resource = #"""
        "internalId":"store_1","name":"engine","status":"ready","productId":"acme-postgres",\#
        "protocolSettings":{"experimentation":{"edgeConfigId":"ecfg_1"}},"notification":\#(GoldenBody.notice),\#
        "billingPlanId":"plan_pro","metadata":{"region":"iad1"}
        """#
    private static let intent = #"""
        "id":"pur_1","configuration":{"type":"credits"},"createdAt":"2026-01-01T00:00:00.000Z","currency":"usd",\#
        "ownerId":"team_1","provider":{"resourceId":"in_1","type":"stripe_invoice_immediate"},"status":"pending",\#
        "subtotal":"10","tax":"0","total":"10","updatedAt":"2026-01-01T00:00:00.000Z","dispute":{"id":"dp_1","amount":"10",\#
        "createdAt":"c","currency":"usd","providerId":"p","reason":null,"status":"open","updatedAt":"u"},\#
        "lineItems":[{"id":"li_1"}],"metadata":{"a":"b"},"refund":"re_1","returnUrl":"https://vercel.com/"
        """#

    static let all: [GoldenAnswer] = [
        GoldenAnswer(
            SubmittedInvoice.self, required: [],
            #"{"invoiceId":"mi_1","test":true,"validationErrors":["items[0]: no such plan"]}"#),
        GoldenAnswer(
            KnownInvoice.self,
            required: Set(
                [
                    "invoiceId", "state", "invoiceDate", "period", "period.start", "period.end", "items", "total",
                    "created",
                    "updated",
                ] + GoldenBody.prefixed("items[0]", GoldenBody.itemFields)
                    + GoldenBody.prefixed("discounts[0]", GoldenBody.discountFields)),
            #"""
            {"invoiceId":"mi_1","externalId":"bill-2023-12","invoiceNumber":"AC-0001","state":"refund_requested",\#
            "invoiceDate":"2023-12-12T13:24:35.882Z","period":{"start":"2023-03-12T13:32:00.895Z",\#
            "end":"2023-12-15T15:17:13.187Z"},"paidAt":"2023-12-13T00:00:00.000Z","refundedAt":"2023-12-14T00:00:00.000Z",\#
            "memo":"Thank you","items":[\#(GoldenBody.item)],"discounts":[\#(GoldenBody.discount)],"total":"158675.66",\#
            "refundReason":"Outage","refundTotal":"12.50","created":"2023-12-12T13:24:36.000Z",\#
            "updated":"2023-12-14T00:00:00.000Z","test":false}
            """#),
        GoldenAnswer(
            ResourceList.self,
            required: Set(
                ["resources", "resources[0].notification.level", "resources[0].notification.title"]
                    + GoldenBody.prefixed("resources[0]", ["internalId", "name", "productId"])),
            open: ["resources[0].protocolSettings", "resources[0].metadata", "resources[0].partnerId"],
            #"{"resources":[{"partnerId":"db_engine",\#(resource)}]}"#),
        GoldenAnswer(
            KnownResource.self,
            required: ["id", "internalId", "name", "productId", "notification.level", "notification.title"],
            open: ["protocolSettings", "metadata"], #"{"id":"db_engine",\#(resource)}"#),
        GoldenAnswer(NamedResource.self, required: ["name"], #"{"name":"engine"}"#),
        GoldenAnswer(
            CreditPurchaseAnswer.self, required: ["checkoutSessionId", "checkoutSessionUrl"],
            #"{"checkoutSessionId":"cs_1","checkoutSessionUrl":"https://checkout.stripe.com/c/pay/cs_1"}"#),
        GoldenAnswer(
            PurchaseIntent.self,
            required: Set(
                [
                    "id", "configuration", "createdAt", "currency", "ownerId", "provider", "provider.resourceId",
                    "provider.type", "status", "subtotal", "tax", "total", "updatedAt",
                ]
                    + GoldenBody.prefixed(
                        "dispute", ["id", "amount", "createdAt", "currency", "providerId", "status", "updatedAt"])),
            open: ["configuration", "lineItems[0]", "metadata"], "{\(intent)}"),
        GoldenAnswer(
            CreditPurchaseAnswer.self, required: [], open: ["purchaseIntent"], #"{"purchaseIntent":{\#(intent)}}"#),
        GoldenAnswer(
            OrbSubscriptionIntent.self,
            required: ["id", "configuration", "createdAt", "orbSubscriptionId", "ownerId", "status", "updatedAt"],
            open: ["configuration", "orbUpdate"],
            #"""
            {"id":"orbsubint_1","configuration":{},"createdAt":"2026-01-01T00:00:00.000Z","orbSubscriptionId":"s",\#
            "orbUpdate":{"mode":"now"},"ownerId":"team_1","status":"succeeded","updatedAt":"2026-01-01T00:00:00.000Z",\#
            "purchaseIntentId":"pur_1"}
            """#),
        GoldenAnswer(
            CheckoutSession.self, required: ["checkout_url", "session_id"],
            #"{"checkout_url":"https://pay.example.com/1","session_id":"s_1"}"#),
        GoldenAnswer(
            CheckoutProblem.self, required: [], #"{"location":"body.quantity","message":"too many","type":"range"}"#),
    ]
}
