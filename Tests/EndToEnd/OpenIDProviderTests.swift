import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Standard logins with OpenID providers that others wrote: oidc-provider-mock (Authlib), idpyoidc, and django-oauth-toolkit.
@Suite(.enabled(if: OpenIDProvider.isInstalled, "no OpenID providers: .ci/setup installs them"))
struct OpenIDProviderTests {
    private static func run(
        _ kind: OpenIDProvider.Kind, _ body: (LoginWorld, TestBrowser, OpenIDProvider) async throws -> Void
    ) async throws {
        var integration = LoginWorld.Plan.standard()
        // Encoded differently in a form and in Basic credentials.
        integration.clientSecret = "a secret/with+signs:and%more"
        let client = try CurlHTTPClient(ClientSettings())
        defer { client.stop() }
        let provider = try await OpenIDProvider(kind, integration, client: client)
        defer { provider.stop() }
        try await LoginWorld.run { plan in
            plan.integrations = [integration]
            plan.issuer = (provider.issuer, provider.url + kind.keysPath)
        } _: { world in
            let places = [
                LoginWorld.origin: world.gatewayURL, world.standIn.url: world.standIn.url, provider.url: provider.url,
            ]
            try await body(world, TestBrowser(client, places), provider)
        }
    }

    /// The answer that the provider sends the browser back with.
    private static func answer(
        _ world: LoginWorld, _ browser: TestBrowser, _ provider: OpenIDProvider
    ) async throws -> String {
        let issuer = PercentEncoding.encode(provider.issuer)
        let begun = try await browser.get("/sso/oidc?iss=\(issuer)&login_hint=ada&target_link_uri=/reports")
        #expect(begun.status == 303, "\(begun.title)")
        guard provider.kind == .mock else { return try await browser.get(begun.location).location }
        // It asks who signs in.
        let subject = OpenIDProvider.subject(world.plan.integrations[0].installations[0])
        return try await browser.post(begun.location, "sub=\(PercentEncoding.encode(subject))").location
    }

    @Test(arguments: OpenIDProvider.Kind.allCases)
    func `a whole login ends on the app's page`(_ kind: OpenIDProvider.Kind) async throws {
        try await Self.run(kind) { world, browser, provider in
            let answer = try await Self.answer(world, browser, provider)
            #expect(
                answer.hasPrefix(LoginWorld.origin + "/sso/oidc/callback?"), "\(answer) \(provider.log.suffix(2000))")
            let landed = try await browser.get(answer)
            #expect(landed.status == 303, "\(landed.title) \(world.lastFailure) \(provider.log.suffix(2000))")
            #expect(landed.location == "/reports")
            let session = try #require(try await browser.session())
            #expect(session.contains(LoginWorld.ada) && session.contains(#""role":"ADMIN""#))
        }
    }

    @Test(arguments: OpenIDProvider.Kind.allCases)
    func `a code injected from another login signs nobody in`(_ kind: OpenIDProvider.Kind) async throws {
        try await Self.run(kind) { world, browser, provider in
            let stolen = try await Self.answer(world, browser, provider)
            let own = try await Self.answer(world, browser, provider)
            let code = try #require(StandardLogin.parameter("code", of: stolen))
            let injected = own.replacing(try #require(StandardLogin.parameter("code", of: own)), with: code)
            let page = try await browser.get(injected)
            #expect(page.session == nil)
            // The mock knows no PKCE: there the nonce is the only guard.
            let expected: LoginFailure = kind == .mock ? .tokenRefused : .codeRefused
            #expect(page.title == expected.title, "\(world.lastFailure) \(provider.log.suffix(2000))")
        }
    }

    @Test(arguments: OpenIDProvider.Kind.allCases)
    func `an answer without the issuer's name is accepted only where metadata do not promise it`(
        _ kind: OpenIDProvider.Kind
    ) async throws {
        try await Self.run(kind) { world, browser, provider in
            let answer = try await Self.answer(world, browser, provider)
            let parts = answer.split(separator: "?", maxSplits: 1)
            let query = parts[1].split(separator: "&").filter { !$0.hasPrefix("iss=") }.joined(separator: "&")
            let landed = try await browser.get("\(parts[0])?\(query)")
            #expect(landed.status == (kind == .django ? 400 : 303), "\(landed.title) \(world.lastFailure)")
            if kind == .django { #expect(world.lastFailure == "answer_without_iss") }
        }
    }
}
