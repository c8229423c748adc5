import CurlHTTPClient
import HTTP
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@testable import Gateway
@testable import ProviderStandIn
@testable import sso_gateway

/// Answers that do not belong to the browser, to the login, or to the issuer.
@Suite struct `Attacks on standard logins` {
    private static func counted(_ outcome: LoginFailure, _ world: LoginWorld) async throws -> Bool {
        let metrics = try await world.client.send(
            HTTPClientRequest(.get, world.adminURL + "/metrics", timeout: .seconds(10)))
        let line = "\nsso_gateway_logins_total{outcome=\"\(outcome.rawValue)\"} 1\n"
        return metrics.body.exposedText?.string.contains(line) ?? false
    }

    struct Fault: Sendable {
        let fault: StandInFault
        let failure: LoginFailure
        let reason: String

        init(_ fault: StandInFault, _ failure: LoginFailure, _ reason: String) {
            self.fault = fault
            self.failure = failure
            self.reason = reason
        }
    }

    static let faults = [
        Fault(.authorizeDenied, .providerRefused, "access_denied"),
        Fault(.authorizeError, .providerRefused, "server_error"),
        Fault(.authorizeUnknownError, .providerRefused, "other_error"),
        Fault(.answerWithoutState, .badRequest, "state_missing"), Fault(.answerOtherState, .unknownState, "state"),
        Fault(.answerWithoutIssuer, .wrongIssuer, "answer_without_iss"),
        Fault(.answerOtherIssuer, .wrongIssuer, "answer_of_other_iss"), Fault(.noNonce, .tokenRefused, "nonce"),
        Fault(.otherNonce, .tokenRefused, "nonce"), Fault(.otherParty, .tokenRefused, "authorized_party"),
        Fault(.wrongIssuer, .tokenRefused, "issuer"), Fault(.foreignAudience, .tokenRefused, "audience"),
        Fault(.audienceArrayTwo, .tokenRefused, "audience"), Fault(.expired, .tokenRefused, "expired"),
        Fault(.algNone, .tokenRefused, "token_empty_part"),
        Fault(.tamperedSignature, .tokenRefused, "bad_signature"),
        Fault(.systemToken, .tokenRefused, "subject"), Fault(.typeAccessToken, .tokenRefused, "type"),
        Fault(.token400, .codeRefused, "code_refused"), Fault(.token403, .codeRefused, "client_refused"),
        Fault(.token429, .tooManyAttempts, "rate_limited"), Fault(.token500, .providerUnreachable, "server_error"),
        Fault(.tokenGarbage, .providerUnreachable, "not_json"), Fault(.tokenHuge, .providerUnreachable, "too_large"),
        Fault(.tokenRedirect, .providerUnreachable, "unexpected_status"),
        Fault(.noIDToken, .providerUnreachable, "no_id_token"), Fault(.jwks500, .keysUnavailable, "keys"),
        Fault(.memberNone, .accessRemoved, "member_removed"),
    ]

    @Test(arguments: faults)
    func `each fault of the issuer meets its page, event and metric, and makes no session`(_ expected: Fault)
        async throws
    {
        try await LoginWorld.standard { world in
            world.standIn.fail(expected.fault)
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            let page = try await browser.get(login.answer)
            #expect(page.title == expected.failure.title && page.status == expected.failure.status.rawValue)
            #expect(page.session == nil && world.lastFailure == expected.reason, "\(world.lastFailure)")
            #expect(try await Self.counted(expected.failure, world))
            #expect(try await browser.session() == nil)
            // The issuer's own words.
            #expect(!page.body.contains("alert(1)") && !page.body.contains("<b>"))
        }
    }

    @Test func `RT-42: an answer in another browser signs nobody in`() async throws {
        try await LoginWorld.standard { world in
            let login = try await StandardLogin.begin(world, in: world.browser())
            let fresh = world.browser()
            let blocked = try await fresh.get(login.answer)
            #expect(blocked.status == 400 && blocked.title == LoginFailure.cookiesBlocked.title)
            // A browser with a login of its own.
            let victim = world.browser()
            let own = try await StandardLogin.begin(world, in: victim, user: LoginWorld.ben)
            let page = try await victim.get(login.answer)
            #expect(page.status == 400 && page.title == LoginFailure.unknownState.title && page.session == nil)
            #expect(try await victim.session() == nil)
            #expect(world.standIn.counters.exchanges == 0)
            #expect(try await victim.get(own.answer).status == 303)
        }
    }

    @Test func `a code from another login is useless without its verifier, and with a careless issuer by its nonce`()
        async throws
    {
        for isCareless in [false, true] {
            try await LoginWorld.standard { world in
                if isCareless { world.standIn.fail(.pkceIgnored) }
                let stolen = try await StandardLogin.begin(world, in: world.browser())
                let attacker = world.browser()
                let own = try await StandardLogin.begin(world, in: attacker, user: LoginWorld.ben)
                let page = try await attacker.get(own.answer.replacing(own.code, with: stolen.code))
                let failure: LoginFailure = isCareless ? .tokenRefused : .codeRefused
                #expect(page.title == failure.title && page.session == nil)
                #expect(world.lastFailure == (isCareless ? "nonce" : "code_refused"))
                #expect(try await attacker.session() == nil)
            }
        }
    }

    @Test func `a code that one login brought is not exchanged for another`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let first = try await StandardLogin.begin(world, in: browser)
            let second = try await StandardLogin.begin(world, in: browser)
            #expect(try await browser.get(first.answer).status == 303)
            let exchanges = world.standIn.counters.exchanges
            let page = try await browser.get(second.answer.replacing(second.code, with: first.code))
            #expect(page.status == 400 && page.title == LoginFailure.codeSpent.title)
            #expect(world.lastFailure == "code_of_other_state")
            #expect(world.standIn.counters.exchanges == exchanges)
        }
    }

    @Test func `an answer is used once, whoever keeps its cookie`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            let name = try #require(browser.cookieNames.first { $0.contains("oidc") })
            let kept = try #require(browser[cookie: name])
            #expect(try await browser.get(login.answer).status == 303)
            // Gone with the answer.
            let again = try await browser.get(login.answer)
            #expect(again.status == 303 && again.session == nil)
            // With the cookie, the browser that it signed in is led on; another one begins anew.
            browser[cookie: name] = kept
            let repeated = try await browser.get(login.answer)
            #expect(repeated.status == 303 && repeated.location == "/dashboard")
            let thief = world.browser()
            thief[cookie: name] = kept
            let restarted = try await thief.get(login.answer)
            #expect(restarted.status == 303 && restarted.location.hasPrefix("/sso/start?") && restarted.session == nil)
            #expect(try await thief.session() == nil)
            #expect(world.standIn.counters.exchanges == 1)
        }
    }

    @Test func `of four equal answers at once exactly one exchanges`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            let answers = try await ConcurrencyTests.atOnce(4) { _ in try await browser.get(login.answer) }
            #expect(world.standIn.counters.exchanges == 1)
            #expect(answers.count { $0.session != nil } == 1)
        }
    }

    @Test func `RT-44 RT-52: a cookie of one kind does not open as another, nor for another state`() async throws {
        try await LoginWorld.standard {
            $0.confirm = .always
        } _: { world in
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            let standard = try #require(browser.cookieNames.first { $0.contains("oidc") })
            let sealed = try #require(browser[cookie: standard])
            // As a flow that began at the app, which needs no confirmation.
            browser[cookie: "__Host-sso_flow_" + login.state.prefix(8)] = sealed
            let asked = try await browser.callBack(world.standIn.click() + "&sso_flow=\(login.state)")
            #expect(asked.status == 200 && asked.session == nil)
            // A flow of the app as a standard login's.
            let start = try await browser.get("/sso/start")
            let nonce = try #require(StandardLogin.parameter("sso_flow", of: start.location))
            let flow = try #require(browser[cookie: "__Host-sso_flow_" + nonce.prefix(8)])
            browser[cookie: "__Host-sso_oidc_" + nonce.prefix(8)] = flow
            let page = try await browser.get(login.answer.replacing(login.state, with: nonce))
            #expect(page.status == 400 && page.title == LoginFailure.unknownState.title)
            // Under another state's name.
            let other = SecureRandom.bytes(16).hexadecimal
            browser[cookie: "__Host-sso_oidc_" + other.prefix(8)] = sealed
            let renamed = try await browser.get(login.answer.replacing(login.state, with: other))
            #expect(renamed.status == 400 && renamed.title == LoginFailure.unknownState.title)
            #expect(world.standIn.counters.exchanges == 1)
        }
    }

    @Test func `a state is good for ten minutes`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            let login = try await StandardLogin.begin(world, in: browser)
            world.plan.clock.advance(by: 601)
            let page = try await browser.get(login.answer)
            #expect(page.status == 400 && page.title == LoginFailure.unknownState.title && page.session == nil)
        }
    }

    @Test func `attempts are counted as a pushed code's are`() async throws {
        try await LoginWorld.standard { world in
            let browser = world.browser()
            for _ in 0..<20 {
                let login = try await StandardLogin.begin(world, in: browser)
                let guess = login.answer.replacing(login.code, with: "guessed" + login.code.dropFirst(7))
                _ = try await browser.get(guess, headers: ["X-Forwarded-For": "203.0.113.7"])
            }
            let login = try await StandardLogin.begin(world, in: browser)
            let page = try await browser.get(login.answer, headers: ["X-Forwarded-For": "203.0.113.7"])
            #expect(page.status == 429 && page.title == LoginFailure.tooManyAttempts.title)
            #expect(page.headers["Retry-After"] != nil)
        }
    }
}
