import HTTP
import JOSE
import SecretMemory
import Testing
import Untrusted

@testable import Marketplace

@Suite struct `An operation` {
    private static let values: [PathParameter: UntrustedText] = [
        .integrationConfigurationId: "icfg_1", .memberId: "0ada", .invoiceId: "mi_1", .resourceId: "db:engine@1",
        .integrationProductIdOrSlug: "acme-postgres", .itemId: "flag.1", .org: "acme",
    ]

    /// The documented address of each, below the base URL, with the values above in it.
    private static let addresses: [(String, String)] = [
        ("getAccountInfo", "GET /v1/installations/icfg_1/account 200"),
        ("getMember", "GET /v1/installations/icfg_1/member/0ada 200"),
        ("updateInstallation", "PATCH /v1/installations/icfg_1 204"),
        ("createEvent", "POST /v1/installations/icfg_1/events 201"),
        ("submitBillingData", "POST /v1/installations/icfg_1/billing 201"),
        ("submitPrepaymentBalances", "POST /v1/installations/icfg_1/billing/balance 201"),
        ("finalizeInstallation", "POST /v1/installations/icfg_1/billing/finalize 204"),
        ("submitInvoice", "POST /v1/installations/icfg_1/billing/invoices 200"),
        ("getInvoice", "GET /v1/installations/icfg_1/billing/invoices/mi_1 200"),
        ("updateInvoice", "POST /v1/installations/icfg_1/billing/invoices/mi_1/actions 204"),
        ("getIntegrationResources", "GET /v1/installations/icfg_1/resources 200"),
        ("getIntegrationResource", "GET /v1/installations/icfg_1/resources/db:engine@1 200"),
        ("importResource", "PUT /v1/installations/icfg_1/resources/db:engine@1 200"),
        ("updateResource", "PATCH /v1/installations/icfg_1/resources/db:engine@1 200"),
        ("deleteIntegrationResource", "DELETE /v1/installations/icfg_1/resources/db:engine@1 204"),
        ("updateResourceSecretsById", "PUT /v1/installations/icfg_1/resources/db:engine@1/secrets 201"),
        (
            "updateResourceSecrets",
            "PUT /v1/installations/icfg_1/products/acme-postgres/resources/db:engine@1/secrets 201"
        ),
        (
            "createInstallationIntegrationConfiguration",
            "POST /v1/installations/icfg_1/resources/db:engine@1/experimentation/items 204"
        ),
        (
            "updateInstallationIntegrationConfiguration",
            "PATCH /v1/installations/icfg_1/resources/db:engine@1/experimentation/items/flag.1 204"
        ),
        (
            "deleteInstallationIntegrationConfiguration",
            "DELETE /v1/installations/icfg_1/resources/db:engine@1/experimentation/items/flag.1 204"
        ),
        ("buyCredits", "POST /v1/billing/buy 200"),
        ("createCheckoutSession", "POST /api/v1/org/acme/credits/checkout 200"),
        ("rotateInstallationCredential", "POST /v1/installations/icfg_1/credentials/rotate 200"),
        ("revokeInstallationCredential", "POST /v1/installations/icfg_1/credentials/revoke 204"),
    ]

    private func call(_ operation: APIOperation) throws -> APICall {
        let parameters = try PathParameters(Self.values)
        let body = GoldenBody.all.first { $0.operation == operation }?.text ?? ""
        return try operation.call(parameters, query: nil, body: SecretBytes(body))
    }

    @Test func `has its documented address, method and status`() throws {
        #expect(APIOperation.all.map(\.name) == Self.addresses.map(\.0))
        for (operation, (_, expected)) in zip(APIOperation.all, Self.addresses) {
            let request = try call(operation).request(apiURL: "", token: SecretBytes("t"), timeout: .seconds(1))
            #expect("\(request.method.rawValue) \(request.url) \(operation.success.rawValue)" == expected)
            #expect(APIOperation.named(operation.name) == operation)
        }
    }

    @Test func `sends the body as it was understood, and the token`() throws {
        for golden in GoldenBody.all {
            let spaced = golden.text.replacing("\":", with: "\" : ")
            let call = try golden.operation.call(
                try PathParameters(Self.values), query: nil, body: SecretBytes(spaced))
            let request = call.request(
                apiURL: "https://api.example.test", token: SecretBytes("t"), timeout: .seconds(1))
            #expect(request.headers["Content-Type"] == "application/json")
            #expect(request.headers["Authorization"] == "Bearer t")
            // The one text with a colon behind a quotation mark is none of a golden body's.
            #expect(request.body?.exposedText?.string == golden.text)
        }
        let request = try call(.getInvoice).request(apiURL: "", token: SecretBytes("t"), timeout: .seconds(1))
        #expect(request.body == nil && request.headers["Content-Type"] == nil)
    }

    @Test func `is found again by its method and address`() throws {
        for operation in APIOperation.all {
            let path = try operation.path.fill(PathParameters(Self.values))
            let own = Self.values.filter { operation.path.parameters.contains($0.key) }
            let found = APIOperation.match(operation.method, UntrustedText(path), among: APIOperation.all)
            #expect(found == .operation(operation, try PathParameters(own)))
        }
        #expect(APIOperation.match(.post, "/v1/installations/icfg_1/credentials/rotate") == .none)
        #expect(APIOperation.billing.allSatisfy { $0.path.text.contains("/billing") && $0.credential == .installation })
    }

    @Test(
        arguments: [
            (HTTPMethod.get, "/v1/installations/icfg_1/billing", APIOperation.Match.otherMethods([.post])),
            (.post, "/v1/installations/icfg_1/resources/r", .otherMethods([.get, .put, .patch, .delete])),
            (.get, "/v1/installations/icfg_1", .otherMethods([.patch])),
            (.get, "/v1/installations/icfg_1/account/", .none), (.get, "/v1//icfg_1/account", .none),
            (.get, "v1/installations/icfg_1/account", .none), (.get, "/v1/Installations/icfg_1/account", .none),
            (.get, "/v1/installations/icfg_1/resources/a/../b", .none), (.get, "/", .none), (.get, "", .none),
            (.get, "/v1/%69nstallations/icfg_1/account", .none),
        ] as [(HTTPMethod, UntrustedText, APIOperation.Match)])
    func `is none for other methods and addresses`(
        _ method: HTTPMethod, _ path: UntrustedText, _ match: APIOperation.Match
    ) {
        #expect(APIOperation.match(method, path) == match)
    }

    @Test(
        arguments: [
            ("/v1/installations/icfg.1/account", "integrationConfigurationId"),
            ("/v1/installations//account", "integrationConfigurationId"),
            ("/v1/installations/%69cfg_1/account", "integrationConfigurationId"),
            ("/v1/installations/../account", "integrationConfigurationId"),
            ("/v1/installations/icfg_1/member/a%2fb", "memberId"), ("/v1/installations/icfg_1/member/a;b", "memberId"),
            ("/v1/installations/icfg_1/resources/..", "resourceId"),
            ("/v1/installations/icfg_1/resources/.", "resourceId"),
            ("/v1/installations/icfg_1/resources/a%2e%2e", "resourceId"),
            ("/v1/installations/icfg_1/resources/a\\b", "resourceId"),
            ("/v1/installations/icfg_1/resources/é", "resourceId"),
            ("/v1/installations/icfg_1/resources/a b", "resourceId"),
            ("/v1/installations/icfg_1/resources/a?b", "resourceId"),
            ("/v1/installations/icfg_1/resources/a#b", "resourceId"),
            ("/v1/installations/icfg_1/resources/", "resourceId"),
            (UntrustedText("/v1/installations/icfg_1/resources/" + String(repeating: "r", count: 257)), "resourceId"),
        ] as [(UntrustedText, String)])
    func `has identifiers in its path and nothing else`(_ path: UntrustedText, _ parameter: String) {
        guard case .badParameter(let error) = APIOperation.match(.get, path) else {
            Issue.record("\(APIOperation.match(.get, path))")
            return
        }
        #expect(error.path == parameter)
    }

    @Test(
        arguments: [
            ("?", nil), ("teamId=team_1&source=cli", nil), ("slug=acme", nil), ("team=1", "?team"),
            ("TeamId=1", "?TeamId"),
            ("slug=a&slug=a", "?slug"), ("slug=", "?slug"), ("slug=a%2fb", "?slug"), ("slug=%", "?"),
            ("slug=a+b", "?slug"),
        ] as [(String, String?)])
    func `has documented parameters in its query and nothing else`(_ query: String, _ path: String?) throws {
        let raw = SecretBytes(query == "?" ? "" : query)
        let error: FieldError?
        do {
            _ = try QueryParameters(raw, allowing: APIOperation.buyCredits.query)
            error = nil
        } catch let refusal { error = refusal }
        #expect(error?.path == path)
        #expect(throws: FieldError.self) {
            try QueryParameters(SecretBytes("slug=acme"), allowing: APIOperation.getInvoice.query)
        }
    }

    @Test func `sends its query in one order`() throws {
        let query = try QueryParameters(
            SecretBytes("slug=acme&source=cli&teamId=team_1"), allowing: [.source, .teamId, .slug])
        let body = try CreditPurchase(
            parsing: SecretBytes(#"{"item":{"type":"credits","creditType":"v0","amount":1}}"#))
        let call = try APICall(.buyCredits, PathParameters(), query: query, body: body)
        let request = call.request(apiURL: "https://a.example", token: SecretBytes("t"), timeout: .seconds(1))
        #expect(request.url == "https://a.example/v1/billing/buy?source=cli&teamId=team_1&slug=acme")
        #expect(query[.slug] == "acme" && QueryParameters()[.slug] == nil)
    }

    @Test func `with a body needs one, and without one takes none`() throws {
        let parameters = try PathParameters(Self.values)
        for operation in APIOperation.all {
            let error = #expect(throws: FieldError.self) {
                try operation.call(parameters, query: nil, body: operation.body == nil ? SecretBytes("{}") : .empty)
            }
            #expect(error?.path == "")
        }
        let error = #expect(throws: FieldError.self) {
            try APIOperation.getInvoice.call(
                PathParameters([.integrationConfigurationId: "i"]), query: nil, body: .empty)
        }
        #expect(error == FieldError("invoiceId", .missing))
    }

    @Test func `may be repeated when it looks something up, or is an invoice with an id of the partner's`() throws {
        for operation in APIOperation.all {
            let isRepeatable = operation.method == .get || operation == .submitInvoice
            #expect(try call(operation).isRepeatable == isRepeatable, "\(operation.name)")
        }
        let golden = try #require(GoldenBody.all.first { $0.operation == .submitInvoice })
        let anonymous = JSONTree.changing(try golden.json, at: [.member("externalId")]) { _ in nil }
        let invoice = try Invoice(anonymous, at: .request)
        #expect(!invoice.isRepeatable)
    }
}
