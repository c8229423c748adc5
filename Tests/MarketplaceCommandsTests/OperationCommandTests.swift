import ArgumentParser
import Marketplace
import TestSupport
import Testing
import Untrusted

@testable import sso_gateway

/// A command line and the request that it becomes, by the marketplace's reference.
struct GoldenCommand: Sendable, CustomTestStringConvertible {
    let operation: APIOperation
    let arguments: [String]
    /// In a file, for `--body`.
    let body: String?
    let request: String

    init(_ operation: APIOperation, _ arguments: String, body: String? = nil, _ head: String, sends: String? = nil) {
        self.operation = operation
        self.arguments = arguments.split(separator: " ").map(String.init)
        self.body = body
        request = [head, sends ?? body].compactMap(\.self).joined(separator: "\n")
    }

    var testDescription: String { arguments.joined(separator: " ") }

    func call() throws -> APICall {
        let folder = try TemporaryFolder()
        var arguments = ["marketplace"] + arguments
        if let body { arguments += ["--body", try folder.write("body.json", body)] }
        let command = try SSOGateway.parseAsRoot(arguments)
        return try #require(command as? any OperationCommand).makeCall()
    }

    static let all: [GoldenCommand] = [
        .init(.getAccountInfo, "account get icfg_1", "GET /v1/installations/icfg_1/account"),
        .init(.getMember, "member get icfg_1 0ada", "GET /v1/installations/icfg_1/member/0ada"),
        .init(
            .updateInstallation, "installation update icfg_1 --status ready --external-id acct_7",
            "PATCH /v1/installations/icfg_1", sends: #"{"status":"ready","externalId":"acct_7"}"#),
        .init(
            .updateInstallation, "installation update icfg_1 --remove-notification", "PATCH /v1/installations/icfg_1",
            sends: #"{"notification":null}"#),
        .init(
            .updateInstallation, "installation update icfg_1",
            body: #"{"notification":{"level":"warn","title":"Renew"}}"#, "PATCH /v1/installations/icfg_1"),
        .init(
            .createEvent, "event create icfg_1 --billing-plan plan_pro", "POST /v1/installations/icfg_1/events",
            sends: #"{"event":{"type":"installation.updated","billingPlanId":"plan_pro"}}"#),
        .init(
            .createEvent, "event create icfg_1 --resource db_engine --product acme-postgres",
            "POST /v1/installations/icfg_1/events",
            sends: #"{"event":{"type":"resource.updated","resourceId":"db_engine","productId":"acme-postgres"}}"#),
        .init(
            .submitPrepaymentBalances, "installation balance icfg_1",
            body: #"{"timestamp":"2023-11-26T05:03:03.977Z","balances":[{"currencyValueInCents":-3500}]}"#,
            "POST /v1/installations/icfg_1/billing/balance"),
        .init(
            .finalizeInstallation, "installation finalize icfg_1", "POST /v1/installations/icfg_1/billing/finalize"),
        .init(
            .submitInvoice, "invoice submit icfg_1",
            body: #"""
                {"externalId":"bill-1","invoiceDate":"2023-12-12T13:24:35.882Z",\#
                "period":{"start":"2023-03-12T13:32:00.895Z","end":"2023-12-15T15:17:13.187Z"},"items":[]}
                """#, "POST /v1/installations/icfg_1/billing/invoices"),
        .init(.getInvoice, "invoice get icfg_1 mi_1", "GET /v1/installations/icfg_1/billing/invoices/mi_1"),
        .init(
            .updateInvoice, "invoice refund icfg_1 mi_1 --total 12.50 --reason Outage",
            "POST /v1/installations/icfg_1/billing/invoices/mi_1/actions",
            sends: #"{"action":"refund","reason":"Outage","total":"12.50"}"#),
        .init(.getIntegrationResources, "resource list icfg_1", "GET /v1/installations/icfg_1/resources"),
        .init(
            .getIntegrationResource, "resource get icfg_1 db_engine", "GET /v1/installations/icfg_1/resources/db_engine"
        ),
        .init(
            .importResource, "resource import icfg_1 db_engine",
            body: #"{"productId":"acme-postgres","name":"engine","status":"ready"}"#,
            "PUT /v1/installations/icfg_1/resources/db_engine"),
        .init(
            .updateResource, "resource update icfg_1 db_engine", body: #"{"status":"suspended"}"#,
            "PATCH /v1/installations/icfg_1/resources/db_engine"),
        .init(
            .deleteIntegrationResource, "resource delete icfg_1 db_engine",
            "DELETE /v1/installations/icfg_1/resources/db_engine"),
        .init(
            .updateResourceSecretsById, "secrets update icfg_1 db_engine", body: #"{"secrets":[],"partial":true}"#,
            "PUT /v1/installations/icfg_1/resources/db_engine/secrets"),
        .init(
            .updateResourceSecrets, "secrets update icfg_1 db_engine --product acme-postgres", body: #"{"secrets":[]}"#,
            "PUT /v1/installations/icfg_1/products/acme-postgres/resources/db_engine/secrets"),
        .init(
            .createInstallationIntegrationConfiguration, "experimentation create icfg_1 db_engine",
            body: #"{"items":[{"id":"flag_1","slug":"dark-mode","origin":"https://app.example.com/f"}]}"#,
            "POST /v1/installations/icfg_1/resources/db_engine/experimentation/items"),
        .init(
            .updateInstallationIntegrationConfiguration, "experimentation update icfg_1 db_engine flag_1",
            body: #"{"slug":"dark-mode","origin":"https://app.example.com/f"}"#,
            "PATCH /v1/installations/icfg_1/resources/db_engine/experimentation/items/flag_1"),
        .init(
            .deleteInstallationIntegrationConfiguration, "experimentation delete icfg_1 db_engine flag_1",
            "DELETE /v1/installations/icfg_1/resources/db_engine/experimentation/items/flag_1"),
        .init(
            .buyCredits, "credits buy --type v0 --amount 100 --slug acme", "POST /v1/billing/buy?slug=acme",
            sends: #"{"item":{"type":"credits","creditType":"v0","amount":100}}"#),
        .init(
            .createCheckoutSession,
            "credits checkout acme --quantity 10 --success-url https://app.example.com/yes --cancel-url https://app.example.com/no",
            "POST /api/v1/org/acme/credits/checkout",
            sends:
                #"{"cancel_url":"https://app.example.com/no","quantity":10,"success_url":"https://app.example.com/yes"}"#
        ),
    ]
}

@Suite struct `A command of the marketplace's API` {
    @Test func `is there for every operation that a partner may call`() {
        let called = MarketplaceCommand.commands.flatMap(\.operations)
        #expect(called.count == APIOperation.partners.count && Set(called) == Set(APIOperation.partners))
        let tried = Set(GoldenCommand.all.map(\.operation))
        // Submitted by batches alone; see `A file of usage and bills`.
        #expect(tried.union([.submitBillingData]) == Set(APIOperation.partners))
    }

    @Test(arguments: GoldenCommand.all) func `sends what the reference has`(_ command: GoldenCommand) throws {
        let call = try command.call()
        #expect(call.operation == command.operation)
        #expect(CallReport.request(call) == command.request)
    }

    @Test(
        arguments: [
            ("account get icfg.1", "installation"), ("member get icfg_1 a/b", "member"),
            ("invoice get icfg_1 ..", "invoice"), ("resource get icfg_1 a%2fb", "resource"),
            ("experimentation delete icfg_1 db .", "item"), ("installation update icfg_1 --status gone", "status"),
            ("invoice refund icfg_1 mi_1 --reason r --total 1e3", "total"),
            ("invoice refund icfg_1 mi_1 --reason r --total 12,50", "total"),
            ("credits buy --type gold --amount 1", "item.creditType"),
            ("credits buy --type v0 --amount 1 --slug a/b", "?slug"),
        ])
    func `names the argument that is wrong`(_ arguments: String, _ name: String) throws {
        let command = GoldenCommand(.getInvoice, arguments, "")
        let error = #expect(throws: FieldError.self) { try command.call() }
        #expect(error?.namingArguments.path == name)
    }

    @Test(
        arguments: [
            ("credits buy --type v0 --amount 0", "item.amount"),
            (
                "credits checkout acme --quantity 11 --success-url https://a.example/ --cancel-url https://a.example/",
                "quantity"
            ),
            (
                "credits checkout acme --quantity 1 --success-url http://a.example/ --cancel-url https://a.example/",
                "success_url"
            ),
        ])
    func `names the argument that breaks a rule`(_ arguments: String, _ name: String) throws {
        let call = try GoldenCommand(.buyCredits, arguments, "").call()
        let error = #expect(throws: FieldError.self) { try call.check(LocalRules(), now: ISOTime(seconds: 0)) }
        #expect(error?.path == name)
    }

    @Test(arguments: [
        "account get", "account get icfg_1 more", "credits buy --type v0 --amount 1.5",
        "credits buy --type v0 --amount x",
        "installation update icfg_1", "installation update icfg_1 --status ready --body x",
        "event create icfg_1 --product p", "event create icfg_1 --resource r --billing-plan p",
        "billing submit", "billing submit f --arrived x", "billing submit f --arrived 1 --send-again 1",
        "billing submit f --patience 86401", "account get icfg_1 --token t",
    ])
    func `refuses wrong usage`(_ arguments: String) {
        let words = ["marketplace"] + arguments.split(separator: " ").map(String.init)
        let error = #expect(throws: (any Error).self) { try SSOGateway.parseAsRoot(words) }
        #expect(error.map { SSOGateway.exitCode(for: $0) } == .validationFailure)
    }

    @Test func `shows no secret of a resource`() throws {
        let secret = #"{"name":"URL","value":"canary","environmentOverrides":{"production":"canary"}}"#
        for (arguments, body) in [
            ("secrets update icfg_1 db", #"{"secrets":[\#(secret)]}"#),
            ("resource update icfg_1 db", #"{"secrets":{"secrets":[\#(secret)],"partial":true}}"#),
            ("resource update icfg_1 db", #"{"secrets":[\#(secret)]}"#),
            ("resource import icfg_1 db", #"{"productId":"p","name":"n","status":"ready","secrets":[\#(secret)]}"#),
        ] {
            let call = try GoldenCommand(.updateResource, arguments, body: body, "").call()
            for shown in [CallReport.request(call), CallReport.json(of: call)] {
                #expect(!shown.contains("canary") && shown.contains("(redacted)") && shown.contains("URL"))
            }
        }
    }
}
