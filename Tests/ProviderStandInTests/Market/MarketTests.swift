import HTTP
import JOSE
import Testing
import Untrusted

@testable import ProviderStandIn

@Suite struct `The API at the stand-in` {
    let world = MarketWorld()

    @Test func `keeps the latest data of a day`() async throws {
        for (timestamp, value) in [(0, 1), (5, 2), (3, 3)] {
            let data = MarketWorld.billing(eod: 0, timestamp: Int64(timestamp), dayValue: value)
            #expect(try await world.call(.post, "/billing", data).status.rawValue == 201)
        }
        let received = try await world.received()
        #expect(String(decoding: received.encoded, as: UTF8.self).contains(#""dayValue":2"#))
        guard case .object(let days)? = received["days"] else { Issue.record("no days"); return }
        #expect(days.members.map(\.name) == ["2027-01-15"])
    }

    @Test(
        arguments: [
            (Int64(-1), Int64(-MarketWorld.day), "eod"), (-MarketWorld.day, -MarketWorld.day, nil),
            (-MarketWorld.day - 1, 0, "eod"), (-MarketWorld.day - 1, -MarketWorld.day - 1, "period.end"), (0, 0, nil),
        ] as [(Int64, Int64, String?)])
    func `takes data of the last 24 hours alone`(_ eod: Int64, _ end: Int64, _ field: String?) async throws {
        let answer = try await world.call(.post, "/billing", MarketWorld.billing(eod: eod, end: end))
        if let field {
            #expect(
                Verdict(answer) == Verdict(400, "bad_request") && answer.text.contains("`\(field)`"), "\(answer.text)")
        } else {
            #expect(answer.status.rawValue == 201)
        }
    }

    @Test func `keeps the latest balance`() async throws {
        for (timestamp, cents) in [(5, 100), (3, 200)] {
            let body =
                #"{"timestamp":"\#(MarketWorld.time(Int64(timestamp)))","balances":[{"currencyValueInCents":\#(cents)}]}"#
            #expect(try await world.call(.post, "/billing/balance", body).status.rawValue == 201)
        }
        #expect(String(decoding: try await world.received().encoded, as: UTF8.self).contains(":100}"))
    }

    @Test func `keeps resources`() async throws {
        #expect(try await world.call(.get, "/resources").json["resources"] != nil)
        let body =
            #"{"productId":"acme-postgres","name":"new","status":"ready","metadata":{"region":"iad1"},"secrets":[{"name":"A","value":"1"}]}"#
        let imported = try await world.call(.put, "/resources/new", body)
        #expect(imported.status == .ok && imported.json["name"]?.isText("new") == true)
        let change =
            #"{"name":"newer","notification":{"level":"info","title":"t"},"billingPlan":{"id":"p","type":"subscription","name":"P"}}"#
        #expect(try await world.call(.patch, "/resources/new", change).json["name"]?.isText("newer") == true)
        var resource = try await world.call(.get, "/resources/new").json
        #expect(resource["id"]?.isText("new") == true && resource["billingPlanId"]?.isText("p") == true)
        #expect(resource["notification"] != nil && resource["secrets"] == nil)
        _ = try await world.call(.patch, "/resources/new", #"{"notification":null}"#)
        resource = try await world.call(.get, "/resources/new").json
        #expect(resource["notification"] == nil)
        #expect(try await world.call(.delete, "/resources/new").status == .noContent)
        #expect(try await Verdict(world.call(.delete, "/resources/new")) == Verdict(404, "not_found"))
        #expect(try await Verdict(world.call(.patch, "/resources/new", "{}")) == Verdict(404, "not_found"))
    }

    @Test(arguments: ["/resources/db_engine/secrets", "/products/acme-postgres/resources/db_engine/secrets"])
    func `keeps secrets, all or some, and shows their names alone`(_ path: String) async throws {
        _ = try await world.call(.put, path, #"{"secrets":[{"name":"A","value":"hidden"},{"name":"B","value":"2"}]}"#)
        _ = try await world.call(.put, path, #"{"secrets":[{"name":"C","value":"3"}],"partial":true}"#)
        var received = try await world.received()
        #expect(received["secrets"] == .object(["db_engine": .array([.string("A"), .string("B"), .string("C")])]))
        #expect(!String(decoding: received.encoded, as: UTF8.self).contains("hidden"))
        #expect(try await world.call(.put, path, #"{"secrets":[{"name":"D","value":"4"}]}"#).status.rawValue == 201)
        received = try await world.received()
        #expect(received["secrets"] == .object(["db_engine": .array([.string("D")])]))
    }

    @Test func `keeps events, the installation and items of experimentation`() async throws {
        #expect(
            try await world.call(.post, "/events", #"{"event":{"type":"installation.updated","billingPlanId":"p"}}"#)
                .status.rawValue == 201)
        let unknown = #"{"event":{"type":"resource.updated","resourceId":"nothing"}}"#
        #expect(try await Verdict(world.call(.post, "/events", unknown)) == Verdict(404, "not_found"))
        let wrong = #"{"event":{"type":"resource.updated"}}"#
        #expect(try await world.call(.post, "/events", wrong).text.contains("`event.resourceId`"))
        #expect(try await world.call(.patch, "", #"{"status":"suspended"}"#).status == .noContent)
        #expect(try await world.received()["installation"] == .object(["status": .string("suspended")]))

        let items = "/resources/db_engine/experimentation/items"
        let item = #"{"id":"f","slug":"s","origin":"o"}"#
        #expect(try await world.call(.post, items, #"{"items":[\#(item)]}"#).status == .noContent)
        let many = Array(repeating: item, count: 51).joined(separator: ",")
        #expect(try await Verdict(world.call(.post, items, #"{"items":[\#(many)]}"#)) == Verdict(400, "bad_request"))
        let change = #"{"slug":"s","origin":"o","isArchived":true}"#
        #expect(try await world.call(.patch, items + "/f", change).status == .noContent)
        #expect(try await Verdict(world.call(.patch, items + "/g", change)) == Verdict(404, "not_found"))
        #expect(try await world.call(.delete, items + "/f").status == .noContent)
        #expect(try await Verdict(world.call(.delete, items + "/f")) == Verdict(404, "not_found"))
    }

    @Test func `wants the installation's token, JSON and a known method`() async throws {
        #expect(
            try await Verdict(world.send(.get, MarketWorld.base + "/resources", nil, [:])) == Verdict(401, "forbidden"))
        let form: HTTPHeaders = ["Authorization": "Bearer stand-in-installation-token"]
        #expect(try await Verdict(world.send(.patch, MarketWorld.base, nil, form)) == Verdict(400, "bad_request"))
        #expect(try await Verdict(world.call(.get, "/billing")) == Verdict(405, "method_unknown"))
        #expect(try await Verdict(world.call(.get, "/billing/nothing")) == Verdict(404, "not_found"))
        #expect(try await Verdict(world.call(.patch, "", "{")) == Verdict(400, "bad_request"))
    }

    @Test(arguments: [
        (StandInFault.api401, Verdict(401, "forbidden")), (.api403, Verdict(403, "integration_configuration_disabled")),
        (.api409, Verdict(409, "conflict")), (.api410, Verdict(410, "gone")), (.api429, Verdict(429, "rate_limited")),
        (.api500, Verdict(500, "internal_server_error")), (.apiGarbage, Verdict(200, nil)),
    ])
    func `fails on demand, and look-ups do not`(_ fault: StandInFault, _ verdict: Verdict) async throws {
        world.standIn.fail(fault)
        #expect(try await Verdict(world.call(.get, "/resources")) == verdict)
        #expect(try await world.call(.get, "/account").status == .ok)
    }

    @Test(arguments: [
        ("purchase_intent", 200, "purchaseIntent"), ("checkout_session", 200, "checkoutSessionId"),
        ("subscription_intent", 200, "orbSubscriptionIntent"), ("declined", 402, "error"),
    ])
    func `sells credits to a team`(_ kind: String, _ status: Int, _ member: UntrustedText) async throws {
        _ = try await world.send(.post, "/stand-in/billing", #"{"credits":"\#(kind)"}"#, [:])
        let body = #"{"item":{"type":"credits","creditType":"v0","amount":10}}"#
        let team: HTTPHeaders = ["Authorization": "Bearer stand-in-account-token"]
        let answer = try await world.send(.post, "/v1/billing/buy?source=cli", body, team)
        #expect(answer.status.rawValue == status && answer.json[member] != nil)
        #expect(try await Verdict(world.send(.post, "/v1/billing/buy", body)) == Verdict(401, "forbidden"))
        let real = try await world.send(.post, "/v1/billing/buy", body.replacing("10", with: "10.0"), team)
        #expect(real.status.rawValue == status)
        let none = body.replacing("10", with: "0")
        #expect(try await Verdict(world.send(.post, "/v1/billing/buy", none, team)) == Verdict(400, "bad_request"))
    }

    @Test func `has the other vendor's checkout with its own errors`() async throws {
        let path = "/api/v1/org/acme/credits/checkout"
        let token: HTTPHeaders = ["Authorization": "Bearer stand-in-checkout-token"]
        let body = #"{"cancel_url":"https://a.example/","quantity":1,"success_url":"https://a.example/"}"#
        let answer = try await world.send(.post, path, body, token)
        #expect(answer.status == .ok && answer.json["session_id"] != nil && answer.json["checkout_url"] != nil)
        let refused = try await world.send(.post, path, body)
        #expect(refused.json["code"] == .integer(401) && refused.json["type"]?.isText("authentication_error") == true)
        let many = try await world.send(.post, path, body.replacing(":1,", with: ":11,"), token)
        #expect(many.json["code"] == .integer(422) && many.text.contains("body.quantity"))
        let missing = try await world.send(.post, path, "{}", token)
        #expect(missing.status.rawValue == 422 && missing.text.contains("body.cancel_url"))
    }

    @Test func `has a clock that goes forward alone`() async throws {
        #expect(try await world.send(.get, "/stand-in/clock").json["now"]?.isText(MarketWorld.time(0)) == true)
        let to = try await world.send(.post, "/stand-in/clock", #"{"to":"2027-02-01T00:00:00Z"}"#, [:])
        #expect(to.json["now"]?.isText("2027-02-01T00:00:00.000Z") == true)
        for body in [
            #"{"to":"2027-01-01T00:00:00Z"}"#, #"{"advance_s":"-1"}"#, #"{"advance_s":"9223372036854775807"}"#, "{}",
        ] {
            #expect(try await Verdict(world.send(.post, "/stand-in/clock", body, [:])) == Verdict(400, "bad_request"))
        }
        let wrong = try await world.send(.post, "/stand-in/billing", #"{"payments":"never"}"#, [:])
        #expect(Verdict(wrong) == Verdict(400, "bad_request"))
    }

    @Test func `is on the dashboard, with what was received as text`() async throws {
        _ = try await world.submit(MarketWorld.invoice("<b>bill</b>"))
        _ = try await world.call(.post, "/billing", MarketWorld.billing(eod: 0))
        _ = try await world.call(
            .put, "/resources/db_engine/secrets", #"{"secrets":[{"name":"URL","value":"postgres:"}]}"#)
        let page = try await world.send(.get, "/").text
        #expect(page.contains("&lt;b&gt;bill&lt;/b&gt;") && page.contains("$20.00") && page.contains("pending"))
        #expect(page.contains("Billing data of 2027-01-15") && page.contains("URL") && !page.contains("postgres:"))
        let browser: HTTPHeaders = ["Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"]
        let answer = try await world.send(.post, "/stand-in/clock", nil, browser)
        #expect(answer.status == .badRequest)
    }

    @Test func `describes itself`() async throws {
        let answer = try await world.send(.get, "/stand-in/openapi.yaml", nil, [:])
        #expect(answer.status == .ok && answer.headers["Content-Type"] == "application/yaml")
        #expect(answer.text.contains("openapi: 3.1.0\n") && answer.text.contains("operationId: submitInvoice\n"))
    }

    @Test func `knows no other methods at an address`() async throws {
        for method in [HTTPMethod.delete, .options, .other("TRACE"), .other("BREW")] {
            let answer = try await world.call(method, "/events")
            #expect(answer.status == .methodNotAllowed && answer.headers["Allow"] == "POST")
        }
    }

    @Test(arguments: [("slug", 1024), ("origin", 2048), ("name", 1024), ("description", 1024)])
    func `takes texts of the documented lengths alone`(_ field: String, _ longest: Int) async throws {
        for (length, status) in [(longest, 204), (longest + 1, 400)] {
            var fields = ["slug": "s", "origin": "o"]
            fields[field] = String(repeating: "é", count: length)
            let members = fields.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
            let body = #"{"items":[{"id":"flag",\#(members)}]}"#
            let answer = try await world.call(.post, "/resources/db_engine/experimentation/items", body)
            #expect(answer.status.rawValue == status, "\(field) \(length)")
        }
    }
}
