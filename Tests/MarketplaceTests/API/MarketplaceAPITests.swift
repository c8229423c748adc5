import HTTP
import JOSE
import Locking
import SecretMemory
import Testing
import Untrusted

@testable import Marketplace

@Suite struct `The API's client` {
    /// Answers in turn, and the last answer for ever; keeps the requests.
    private final class Script: HTTPClient {
        let answers: [Result<HTTPClientResponse, HTTPClientError>]
        let requests = Locked<[HTTPClientRequest]>([])

        init(_ answers: Result<HTTPClientResponse, HTTPClientError>...) { self.answers = answers }

        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
            let number = requests.withLock { requests in
                requests.append(request)
                return requests.count - 1
            }
            return try answers[min(number, answers.count - 1)].get()
        }

        var count: Int { requests.withLock { $0.count } }
    }

    private static func answer(_ status: Int, _ body: String = "", _ headers: HTTPHeaders = [:])
        -> Result<HTTPClientResponse, HTTPClientError>
    {
        .success(HTTPClientResponse(status: HTTPStatus(rawValue: status), headers: headers, body: SecretBytes(body)))
    }

    private static let now = ISOTime(seconds: 1_702_649_837)
    private static let token = SecretBytes("token")

    private func api(_ client: Script, timeout: Duration = .seconds(8)) -> MarketplaceAPI {
        MarketplaceAPI(apiURL: "https://api.example.test", timeout: timeout, client: client)
    }

    private func invoice() throws -> Invoice {
        try Invoice(#require(GoldenBody.all.first { $0.operation == .submitInvoice }).json, at: .request)
    }

    @Test func `gives an answer of its type`() async throws {
        let client = Script(Self.answer(200, GoldenAnswer.all[1].text))
        let invoice = try await api(client).getInvoice("mi_1", of: "icfg_1", token: Self.token, now: Self.now)
        #expect(invoice.total.text == "158675.66")
        let request = client.requests.withLock { $0[0] }
        #expect(request.url == "https://api.example.test/v1/installations/icfg_1/billing/invoices/mi_1")
        #expect(request.headers["Authorization"] == "Bearer token")
    }

    @Test(
        arguments: [
            (Self.answer(200, "<html>"), APIError.badAnswer(FieldError("", .notJSON("json_unexpected_byte")))),
            (Self.answer(200, "{}"), .badAnswer(FieldError("invoiceId", .missing))),
            (
                Self.answer(400, #"{"error":{"code":"bad_request","message":"no"}}"#),
                .invalid(.init(status: 400, code: "bad_request", message: "no"))
            ),
            (Self.answer(401, #"{"error":"invalid_token"}"#), .unauthorized(.init(status: 401, code: "invalid_token"))),
            (Self.answer(402), .paymentRequired(.init(status: 402))),
            (Self.answer(403, "[]"), .forbidden(.init(status: 403))), (Self.answer(404), .notFound(.init(status: 404))),
            (Self.answer(409), .conflict(.init(status: 409))), (Self.answer(410), .gone(.init(status: 410))),
            (Self.answer(422), .invalid(.init(status: 422))), (Self.answer(426), .upgradeRequired(.init(status: 426))),
            (Self.answer(302), .unexpected(.init(status: 302))), (Self.answer(204), .unexpected(.init(status: 204))),
            (.failure(.timedOut), .noAnswer(.timedOut)), (.failure(.tooLarge), .noAnswer(.tooLarge)),
        ] as [(Result<HTTPClientResponse, HTTPClientError>, APIError)])
    func `gives an error of its kind`(
        _ answer: Result<HTTPClientResponse, HTTPClientError>, _ error: APIError
    ) async throws {
        let client = Script(answer)
        await #expect(throws: error) {
            try await api(client).getInvoice("mi_1", of: "icfg_1", token: Self.token, now: Self.now)
        }
        #expect(client.count == 1)
        #expect(error.reason.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "_") })
    }

    @Test func `reports a disabled configuration, a limit and the checkout's findings`() async throws {
        let disabled = Script(Self.answer(403, #"{"error":{"code":"integration_configuration_disabled"}}"#))
        let error = await #expect(throws: APIError.self) {
            try await api(disabled).finalizeInstallation("icfg_1", token: Self.token, now: Self.now)
        }
        guard case .forbidden(let failure)? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(failure.isConfigurationDisabled && error?.reason == "configuration_disabled")

        let limited = Script(Self.answer(429, "", ["Retry-After": "7"]))
        await #expect(throws: APIError.rateLimited(retryAfter: 7, .init(status: 429))) {
            try await api(limited).finalizeInstallation("icfg_1", token: Self.token, now: Self.now)
        }

        let envelope = #"""
            {"code":422,"detail":"not valid","type":"validation_error",\#
            "errors":[{"location":"body.quantity","message":"too many","type":"range"}]}
            """#
        let checkout = CheckoutRequest(
            cancelURL: "https://a.example/", quantity: 1, successURL: "https://a.example/")
        let checkoutError = await #expect(throws: APIError.self) {
            try await api(Script(Self.answer(422, envelope)))
                .createCheckoutSession(checkout, of: "acme", token: Self.token, now: Self.now)
        }
        guard case .invalid(let finding)? = checkoutError else { Issue.record("no finding"); return }
        #expect(finding.code == "validation_error" && finding.message == "not valid")
        #expect(finding.problems.map(\.location) == ["body.quantity"])
    }

    @Test func `does not send what breaks a rule or is no identifier`() async throws {
        let client = Script(Self.answer(200))
        var late = try invoice()
        late.invoiceDate = ISOTime(seconds: 0)
        await #expect(throws: APIError.notSent(FieldError("invoiceDate", .rule("must be inside the period")))) {
            try await api(client).submitInvoice(late, of: "icfg_1", token: Self.token, now: Self.now)
        }
        let error = await #expect(throws: APIError.self) {
            try await api(client).getInvoice("../x", of: "icfg_1", token: Self.token, now: Self.now)
        }
        guard case .notSent(let field)? = error else { Issue.record("sent"); return }
        #expect(field.path == "invoiceId" && client.count == 0)
    }

    @Test func `tries a look-up and a named invoice again, and nothing else`() async throws {
        let client = Script(Self.answer(503), .failure(.cannotConnect), Self.answer(200, #"{"invoiceId":"mi_1"}"#))
        #expect(
            try await api(client).submitInvoice(try invoice(), of: "icfg_1", token: Self.token, now: Self.now).invoiceId
                == "mi_1")
        #expect(client.count == 3)

        let lookup = Script(Self.answer(500), Self.answer(200, #"{"resources":[]}"#))
        let list = try await api(lookup).getIntegrationResources(of: "icfg_1", token: Self.token, now: Self.now)
        #expect(list.resources.isEmpty && lookup.count == 2)

        var anonymous = try invoice()
        anonymous.externalId = nil
        let once = Script(Self.answer(503))
        await #expect(throws: APIError.server(.init(status: 503))) {
            try await api(once).submitInvoice(anonymous, of: "icfg_1", token: Self.token, now: Self.now)
        }
        await #expect(throws: APIError.server(.init(status: 503))) {
            try await api(once).createEvent(
                .installationUpdated(billingPlanId: nil), of: "icfg_1", token: Self.token, now: Self.now)
        }
        #expect(once.count == 2)
    }

    /// Each typed call, with the answer that it needs.
    @Test func `has a call for every operation of a partner's`() async throws {
        func send(_ status: Int, _ call: (MarketplaceAPI) async throws -> Void) async throws -> String {
            let client = Script(Self.answer(status, #"{"name":"n","id":"r","internalId":"i","productId":"p"}"#))
            try await call(api(client))
            let request = client.requests.withLock { $0[0] }
            return "\(request.method.rawValue) \(request.url.dropFirst("https://api.example.test".utf8.count))"
        }
        func body<Body: RequestBody>(_ operation: APIOperation) throws -> Body {
            try Body(#require(GoldenBody.all.first { $0.operation == operation }).json, at: .request)
        }
        let (t, now) = (Self.token, Self.now)
        #expect(
            try await send(201) {
                try await $0.updateResourceSecrets(
                    body(.updateResourceSecretsById), of: "r", in: "i", token: t, now: now)
            }
                == "PUT /v1/installations/i/resources/r/secrets")
        #expect(
            try await send(204) {
                try await $0.updateInstallation(body(.updateInstallation), of: "i", token: t, now: now)
            }
                == "PATCH /v1/installations/i")
        #expect(
            try await send(200) {
                _ = try await $0.importResource(body(.importResource), as: "r", in: "i", token: t, now: now)
            }
                == "PUT /v1/installations/i/resources/r")
        #expect(
            try await send(200) {
                _ = try await $0.updateResource(body(.updateResource), of: "r", in: "i", token: t, now: now)
            }
                == "PATCH /v1/installations/i/resources/r")
        #expect(
            try await send(200) { _ = try await $0.getIntegrationResource("r", of: "i", token: t, now: now) }
                == "GET /v1/installations/i/resources/r")
        #expect(
            try await send(204) { try await $0.deleteIntegrationResource("r", of: "i", token: t, now: now) }
                == "DELETE /v1/installations/i/resources/r")
        #expect(
            try await send(201) {
                try await $0.submitPrepaymentBalances(body(.submitPrepaymentBalances), of: "i", token: t, now: now)
            }
                == "POST /v1/installations/i/billing/balance")
        #expect(
            try await send(204) {
                try await $0.updateInvoice(body(.updateInvoice), of: "m", in: "i", token: t, now: now)
            }
                == "POST /v1/installations/i/billing/invoices/m/actions")
        #expect(
            try await send(204) {
                try await $0.createExperimentationItems(
                    body(.createInstallationIntegrationConfiguration), of: "r", in: "i", token: t, now: now)
            } == "POST /v1/installations/i/resources/r/experimentation/items")
        #expect(
            try await send(204) {
                try await $0.updateExperimentationItem(
                    body(.updateInstallationIntegrationConfiguration), "f", of: "r", in: "i", token: t, now: now)
            } == "PATCH /v1/installations/i/resources/r/experimentation/items/f")
        #expect(
            try await send(204) { try await $0.deleteExperimentationItem("f", of: "r", in: "i", token: t, now: now) }
                == "DELETE /v1/installations/i/resources/r/experimentation/items/f")
        let session = Script(Self.answer(200, GoldenAnswer.all[5].text))
        #expect(
            try await api(session).buyCredits(body(.buyCredits), token: t, now: now)
                == .checkoutSession(id: "cs_1", url: "https://checkout.stripe.com/c/pay/cs_1"))
        let page = Script(Self.answer(200, GoldenAnswer.all[9].text))
        #expect(
            try await api(page).createCheckoutSession(body(.createCheckoutSession), of: "acme", token: t, now: now)
                .sessionID == "s_1")
        var data: BillingData = try body(.submitBillingData)
        data.eod = ISOTime(seconds: Self.now.seconds)
        #expect(
            try await send(201) { try await $0.submitBillingData(data, of: "i", token: t, now: now) }
                == "POST /v1/installations/i/billing")
    }
}
