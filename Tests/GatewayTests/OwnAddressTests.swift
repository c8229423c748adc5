import Testing
import Untrusted

@testable import Gateway

@Suite struct OwnAddressTests {
    @Test func `every address is the gateway's own but those that an integration names`() {
        var integration = TestWorld.integration()
        integration.oidcPath = "/live/oidc"
        let parts = GatewayParts(
            settings: TestWorld.settings(integrations: [integration]), keyRing: TestWorld.ring,
            access: TestWorld.access, client: NoClient(),
            TestWorld.observability)
        let paths = parts.routes.map { route in
            switch route.place {
            case .exactly(let path), .below(let path): path
            }
        }
        let named = paths.filter { !Gateway.isOwnAddress($0) }
        #expect(
            Set(named)
                == [
                    "/live/callback", "/live/callback/", "/sso/webhook", "/live/oidc", "/live/oidc/",
                    "/live/oidc/callback",
                    "/live/oidc/callback/",
                ])
    }

    @Test(arguments: ["/sso/callback", "/sso/webhook", "/hooks", "/authz", "/v1", "/v1/installation", "/sso/sessions"])
    func `others are free`(_ path: String) { #expect(!Gateway.isOwnAddress(path)) }
}
