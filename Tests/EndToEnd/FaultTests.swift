import Testing

@testable import ProviderStandIn
@testable import sso_gateway

/// Everything that the stand-in can get wrong, against a whole gateway. A fault belongs to the whole stand-in, so each
/// has one to itself or its turn.
@Suite struct FaultTests {
    static let slow: Set<StandInFault> = [.tokenSlow, .jwksSlow, .memberSlow]

    struct Expectation: Equatable {
        let status: Int
        let title: String
    }

    /// Nil where the login succeeds.
    static func expectation(_ fault: StandInFault) -> Expectation? {
        guard !fault.isHarmless else { return nil }
        switch fault {
        case .tokenSlow: return .init(status: 504, title: "The marketplace took too long to answer")
        case .token429: return .init(status: 429, title: "Too many attempts")
        case .token400, .token403, .oauthErrorIn200:
            return .init(status: 400, title: "This sign-in link is no longer valid")
        case .token500, .tokenGarbage, .tokenRedirect, .tokenHuge, .noIDToken, .tokenEmpty:
            return .init(status: 502, title: "The marketplace did not answer properly")
        case .jwks500, .jwksSlow, .jwksGarbage, .jwksEmpty:
            return .init(status: 503, title: "Sign-in cannot be checked right now")
        case .member404, .member410, .memberNone: return .init(status: 403, title: "You no longer have access")
        default: return .init(status: 403, title: "We could not confirm who you are")
        }
    }

    @Test func `every quick fault meets its page and makes no session, every harmless one signs in`() async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [LoginWorld.Plan.acme()]))
        for fault in StandInFault.allCases where !Self.slow.contains(fault) {
            try await check(fault, on: standIn)
        }
        await standIn.stop()
    }

    @Test(arguments: slow) func `a slow answer is waited for only so long`(_ fault: StandInFault) async throws {
        let standIn = try StandInServer(StandInSettings(integrations: [LoginWorld.Plan.acme()]))
        try await check(fault, on: standIn)
        await standIn.stop()
    }

    /// The gateway is fresh, so that it has to fetch the keys as well.
    private func check(_ fault: StandInFault, on standIn: StandInServer) async throws {
        standIn.fail(fault)
        try await LoginWorld.run(on: standIn) { world in
            let browser = world.browser()
            let answer = try await browser.callBack(standIn.click())
            guard let expected = Self.expectation(fault) else {
                #expect(answer.status == 303, "\(fault.rawValue)")
                #expect(answer.session != nil, "\(fault.rawValue)")
                let session = try #require(try await browser.session(), "\(fault.rawValue)")
                #expect(session.contains(#""user_id":"\#(LoginWorld.ada)""#))
                #expect(session.contains(#""role":"\#(fault == .memberDemoted ? "USER" : "ADMIN")""#))
                return
            }
            #expect(Expectation(status: answer.status, title: answer.title) == expected, "\(fault.rawValue)")
            #expect(answer.session == nil, "\(fault.rawValue)")
            #expect(!browser.cookieNames.contains(TestBrowser.sessionName), "\(fault.rawValue)")
            #expect(try await browser.session() == nil, "\(fault.rawValue)")
            let line = world.log.all.first { $0.hasPrefix("login_failed") } ?? ""
            #expect(
                !answer.requestID.isEmpty && line.contains("request=\(answer.requestID) "),
                "the page of \(fault.rawValue) and the log name the same request")
        }
    }
}
