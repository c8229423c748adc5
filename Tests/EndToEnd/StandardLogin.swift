import HTTP
import Testing

@testable import ProviderStandIn
@testable import sso_gateway

/// A standard login, step by step: the dashboard, the gateway, the authorization endpoint, and the answer that the browser would
/// bring to the callback.
struct StandardLogin {
    /// Where the dashboard sends the browser.
    let initiation: String
    /// Where the gateway sends it.
    let authorization: String
    /// Where the authorization endpoint sends it; empty where it refuses to.
    let answer: String

    /// `query`: the dashboard's link, such as `resource_id=db_engine`.
    static func begin(
        _ world: LoginWorld, in browser: TestBrowser, user: String = LoginWorld.ada, slug: String = "acme",
        _ query: String = ""
    ) async throws -> StandardLogin {
        let link = "/sso/integrations/\(slug)?user=\(user)\(query.isEmpty ? "" : "&")\(query)"
        let initiation = try await browser.get(world.standIn.url + link).location
        #expect(initiation.hasPrefix(LoginWorld.origin + "/sso/oidc"))
        let authorization = try await browser.get(initiation)
        #expect(authorization.status == 303 && authorization.session == nil)
        #expect(authorization.location.hasPrefix(world.standIn.url + "/oauth/authorize?"))
        return StandardLogin(
            initiation: initiation, authorization: authorization.location,
            answer: try await browser.get(authorization.location).location)
    }

    /// A parameter of the authorization request or of the answer, as it is written there.
    static func parameter(_ name: String, of url: String) -> String? {
        let query = url.split(separator: "?", maxSplits: 1).last ?? ""
        return query.split(separator: "&").first { $0.hasPrefix(name + "=") }.map {
            String($0.dropFirst(name.count + 1))
        }
    }

    var state: String { Self.parameter("state", of: authorization) ?? "" }
    var code: String { Self.parameter("code", of: answer) ?? "" }

    static func path(_ url: String) -> String { String(url.dropFirst(LoginWorld.origin.count)) }
}

extension LoginWorld {
    /// A world whose marketplace initiates standard logins.
    static func standard<Result>(
        _ change: (inout Plan) -> Void = { _ in }, _ body: (LoginWorld) async throws -> Result
    ) async throws -> Result {
        try await run(
            { plan in
                plan.integrations = [Plan.standard()]
                change(&plan)
            }, body)
    }

    /// The reason of the newest failed login in the log.
    var lastFailure: String {
        let line = log.all.last { $0.hasPrefix("login_failed") } ?? ""
        return line.split(separator: " ").first { $0.hasPrefix("reason=") }.map { String($0.dropFirst(7)) } ?? ""
    }
}
