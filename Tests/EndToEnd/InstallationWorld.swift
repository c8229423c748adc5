import CurlHTTPClient
import HTTP
import JOSE
import SecretMemory
import Storage
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// A world whose installation the marketplace has yet to tell of, with a store that a test can look into.
struct InstallationWorld: Sendable {
    struct Answer: Sendable, Equatable {
        let status: Int
        let body: JSONObject?

        var code: String {
            guard case .object(let error)? = body?["error"] else { return "" }
            return error["code"]?.text?.string ?? ""
        }
    }

    static let id = "icfg_AcmeAnalyticalEngines001"
    static let key = InstallationKey(integration: "acme", installationID: id)

    let world: LoginWorld
    let hook: PartnerHook?
    let path: String

    static func run(
        hooked: Bool = false, _ change: (inout LoginWorld.Plan) -> Void = { _ in },
        _ body: (InstallationWorld) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let hook = hooked ? try PartnerHook() : nil
        try await LoginWorld.run { plan in
            plan.hook = hook?.url
            plan.store = .sqlite(folder.path("gateway.db"))
            plan.hasTokens = false
            change(&plan)
        } _: { world in
            try await body(InstallationWorld(world: world, hook: hook, path: folder.path("gateway.db")))
        }
        await hook?.stop()
    }

    /// Has the stand-in call; the answers that it got.
    @discardableResult
    func call(_ fields: String) async throws -> [Answer] {
        let response = try await world.client.send(
            HTTPClientRequest(
                .post, world.standIn.url + "/stand-in/installations",
                headers: ["Content-Type": "application/x-www-form-urlencoded"], body: SecretBytes(fields),
                timeout: .seconds(60)))
        guard case .array(let answers)? = try JSONObject(parsing: response.body)["answers"] else { return [] }
        return answers.compactMap { answer in
            guard case .object(let answer) = answer, case .integer(let status)? = answer["status"] else { return nil }
            var body: JSONObject?
            if case .object(let members)? = answer["body"] { body = members }
            return Answer(status: Int(status), body: body)
        }
    }

    /// What the store knows, as another process reads it.
    func stored() async throws -> Installation? {
        let store = try SQLiteStore(path: path)
        let found = try await store.installation(Self.key)
        await store.close()
        return found
    }

    func token(_ installation: Installation?) -> String? {
        installation.flatMap { InstallationTokenSeal(world.plan.ring).open($0.sealedToken, for: $0.key) }?.exposedText?
            .string
    }

    func storedToken() async throws -> String? { token(try await stored()) }

    func decide(_ browser: TestBrowser) async throws -> Int {
        try await browser.get("/authz/nginx", headers: LoginWorld.original).status
    }

    func signIn(_ user: String = LoginWorld.ada) async throws -> TestBrowser {
        let browser = world.browser()
        let answer = try await browser.callBack(world.standIn.click(user))
        try #require(answer.status == 303, "\(answer.title)")
        return browser
    }
}
