import Testing
import Untrusted

@testable import Gateway

@Suite struct OwnAddressTests {
    @Test func `every address is the gateway's own but those that an integration names`() {
        let clock = TestWorld.clock
        let gateway = Gateway(
            settings: TestWorld.settings(), keyRing: TestWorld.ring, access: TestWorld.access, client: NoClient(),
            Observability(clock: clock))
        let named = gateway.routes.keys.filter { !Gateway.isOwnAddress($0.string) }
        #expect(Set(named) == ["/live/callback", "/live/callback/", "/sso/webhook"])
    }

    @Test(arguments: ["/sso/callback", "/sso/webhook", "/hooks", "/authz", "/v1", "/v1/installation", "/sso/sessions"])
    func `others are free`(_ path: String) { #expect(!Gateway.isOwnAddress(path)) }
}
