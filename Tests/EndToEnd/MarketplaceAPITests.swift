import CurlHTTPClient
import HTTP
import JOSE
import Marketplace
import ProviderStandIn
import SecretMemory
import Testing
import Untrusted

/// The API's values against the stand-in, whose rules were written apart from them, over real sockets.
@Suite struct `Every operation of the marketplace's API` {
    private static let installation: UntrustedText = "icfg_AcmeAnalyticalEngines001"
    private static let item = #"""
        {"billingPlanId":"plan_pro","resourceId":"db_engine","start":"2026-12-16T00:00:00Z","end":"2027-01-15T00:00:00Z",\#
        "name":"Compute","details":"Two engines","price":"10.00","quantity":2.5,"units":"hours","total":"25.00"}
        """#
    private static let discount = #"""
        {"billingPlanId":"plan_pro","resourceId":"db_engine","name":"Launch","details":"First year","amount":"0.50"}
        """#
    private static let period = #""period":{"start":"2026-12-15T08:00:00Z","end":"2027-01-15T08:00:00Z"}"#
    private static let plan =
        #"{"id":"plan_pro","type":"subscription","name":"Pro","details":[{"label":"Seats"}],"maxResources":3}"#
    private static let notice = #"{"level":"warn","title":"Renew","message":"Soon","href":"sso:billing"}"#
    private static let secret = #"{"name":"URL","value":"x","prefix":"ACME_","environmentOverrides":{"preview":"y"}}"#
    private static let experiment =
        #""slug":"s","origin":"https://a.example/","category":"flag","isArchived":false,"createdAt":1"#

    /// In an order in which each finds what it needs. `{invoice}` is the invoice of the first one.
    static let calls: [(HTTPMethod, String, String)] = [
        (.get, "/account", ""), (.get, "/member/0ada0ada0ada0ada0ada0ada", ""),
        (.patch, "", #"{"status":"ready","externalId":"a","billingPlan":\#(plan),"notification":\#(notice)}"#),
        (.patch, "", #"{"notification":null}"#),
        (.post, "/events", #"{"event":{"type":"resource.updated","resourceId":"db_engine","productId":"p"}}"#),
        (
            .post, "/billing",
            #"""
            {"timestamp":"2027-01-15T08:00:00Z","eod":"2027-01-15T00:00:00Z",\#(period),"billing":{"items":[\#(item)],\#
            "discounts":[\#(discount)]},"usage":[{"resourceId":"db_engine","name":"Storage","type":"rate","units":"GB",\#
            "dayValue":1e3,"periodValue":2,"planValue":3}]}
            """#
        ),
        (
            .post, "/billing/balance",
            #"{"timestamp":"2027-01-15T08:00:00Z","balances":[{"currencyValueInCents":100,"credit":"c","nameLabel":"n"}]}"#
        ),
        (
            .post, "/billing/invoices",
            #"""
            {"externalId":"b","invoiceDate":"2027-01-15T08:00:00Z",\#(period),"items":[\#(item)],"discounts":[\#(discount)],\#
            "memo":"m"}
            """#
        ),
        (.get, "/billing/invoices/{invoice}", ""),
        (.post, "/billing/invoices/{invoice}/actions", #"{"action":"refund","reason":"Outage","total":"24.50"}"#),
        (
            .put, "/resources/new",
            #"""
            {"ownership":"linked","productId":"p","name":"new","status":"ready","metadata":{"a":[1]},"billingPlan":\#(plan),\#
            "notification":\#(notice),"extras":{"x":1},"secrets":[\#(secret)]}
            """#
        ),
        (
            .patch, "/resources/new",
            #"{"name":"newer","notification":null,"secrets":{"secrets":[\#(secret)],"partial":true}}"#
        ),
        (.get, "/resources", ""), (.get, "/resources/new", ""),
        (.put, "/resources/new/secrets", #"{"secrets":[\#(secret)],"partial":true}"#),
        (.put, "/products/p/resources/new/secrets", #"{"secrets":[\#(secret)]}"#),
        (.post, "/resources/new/experimentation/items", #"{"items":[{"id":"f",\#(experiment)}]}"#),
        (.patch, "/resources/new/experimentation/items/f", "{\(experiment)}"),
        (.delete, "/resources/new/experimentation/items/f", ""), (.delete, "/resources/new", ""),
    ]

    @Test func `is accepted by the stand-in`() async throws {
        let clock = TestClock(from: 1_800_000_000)
        let standIn = try StandInServer(.demonstration(redirectLoginURL: "http://127.0.0.1/callback"), clock: clock)
        let client = try CurlHTTPClient(ClientSettings())
        let api = MarketplaceAPI(apiURL: standIn.url, client: client)
        let token = SecretBytes("stand-in-installation-token")
        var invoice = ""
        var used: Set<String> = []
        for (method, path, body) in Self.calls {
            let full = "/v1/installations/\(Self.installation.string)\(path.replacing("{invoice}", with: invoice))"
            guard case .operation(let operation, let parameters) = APIOperation.match(method, UntrustedText(full))
            else {
                Issue.record("\(full) is no operation")
                continue
            }
            let call = try operation.call(parameters, query: nil, body: SecretBytes(body))
            try call.check(api.rules, now: ISOTime(seconds: clock.seconds()))
            if operation.name == "updateInvoice" { clock.advance(by: 3 * 86_400) }
            let response = try await api.send(call, token: token)
            #expect(
                response.status == operation.success, "\(operation.name) \(response.body.exposedText?.string ?? "")")
            used.insert(operation.name)
            if operation.name == "submitInvoice" {
                invoice = try JSONObject(parsing: response.body)["invoiceId"]?.text?.string ?? ""
            }
        }
        let refunded = try await api.getInvoice(
            UntrustedText(invoice), of: Self.installation, token: token, now: ISOTime(seconds: clock.seconds()))
        #expect(refunded.state == .known(.refundRequested) && refunded.refundTotal == refunded.total)
        #expect(used.count == APIOperation.partners.filter { $0.credential == .installation }.count - 1)
        client.stop()
        await standIn.stop()
    }

    @Test func `with another credential is accepted, too`() async throws {
        let standIn = try StandInServer(.demonstration(redirectLoginURL: "http://127.0.0.1/callback"))
        let client = try CurlHTTPClient(ClientSettings())
        let api = MarketplaceAPI(apiURL: standIn.url, client: client)
        let now = ISOTime(seconds: 1_800_000_000)
        let credits = try CreditPurchase(
            parsing: SecretBytes(#"{"item":{"type":"credits","creditType":"gateway","amount":5}}"#))
        let answer = try await api.buyCredits(credits, token: SecretBytes("stand-in-account-token"), now: now)
        guard case .purchaseIntent(let intent) = answer else { Issue.record("\(answer)"); return }
        #expect(intent.status == .known(.succeeded))

        let checkout = try CheckoutRequest(
            parsing: SecretBytes(
                #"{"cancel_url":"https://a.example/","quantity":2,"success_url":"https://a.example/"}"#))
        let session = try await api.createCheckoutSession(
            checkout, of: "acme", token: SecretBytes("stand-in-checkout-token"), now: now)
        #expect(session.checkoutURL.hasPrefix("https://"))
        let error = await #expect(throws: APIError.self) {
            try await api.createCheckoutSession(checkout, of: "acme", token: SecretBytes("x"), now: now)
        }
        guard case .unauthorized(let failure)? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(failure.code == "authentication_error")
        client.stop()
        await standIn.stop()
    }
}
