import JOSE
import Testing

@testable import ProviderStandIn
@testable import sso_gateway

/// Logins at integrations whose tokens are not signed by RS256.
@Suite struct AlgorithmTests {
    @Test(arguments: [SignatureAlgorithm.es256, .eddsa, .ps384])
    func `a login succeeds where the configuration lists what the issuer signs with`(
        _ algorithm: SignatureAlgorithm
    ) async throws {
        try await LoginWorld.run {
            $0.algorithm = algorithm
            $0.algorithms = [algorithm]
        } _: { world in
            let browser = world.browser()
            #expect(try await browser.callBack(world.standIn.click()).status == 303)
            #expect(try await browser.session()?.contains(LoginWorld.ada) == true)
            world.standIn.standIn.rotateKeys()
            try await world.expectLogin(303)
            for fault in [StandInFault.algNone, .algHS256, .algRS512, .noKid, .tamperedPayload, .tamperedSignature] {
                world.standIn.fail(fault)
                try await world.expectLogin(403)
            }
        }
    }

    @Test func `RT-68 a valid signature with an unlisted algorithm signs no one in`() async throws {
        try await LoginWorld.run {
            $0.algorithm = .es256
        } _: { world in
            // The set has no key for RS256, so nothing can be judged by it.
            try await world.expectLogin(503)
        }
        try await LoginWorld.run {
            $0.algorithms = [.es256, .ps256]
        } _: { world in
            // The key says RS256, which is not listed.
            try await world.expectLogin(503)
        }
    }
}
