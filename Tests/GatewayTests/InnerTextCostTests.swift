import HTTP
import JOSE
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway
@testable import Marketplace

/// What a text may cost where it is read only behind a login or a verified token.
@Suite struct InnerTextCostTests {
    struct Reader: Sendable, CustomTestStringConvertible {
        let name: String
        var spelling = CostlyText.Spelling.raw
        let read: @Sendable ([UInt8]) async throws -> Void

        var testDescription: String { "\(name), \(spelling)" }
    }

    private static func deepLink(_ parameter: String) -> Reader {
        let routes = DeepLinkRoutes(
            default: TestWorld.template("/dashboard"), path: ["billing": TestWorld.template("/billing")])
        let policy = RedirectPolicy(origins: [TestWorld.origin()])
        return Reader(name: "deep link \(parameter)", spelling: .percent) { text in
            let query = Array("mode=sso&code=x&\(parameter)=".utf8) + text
            guard let login = try? LoginRequest(SecretBytes(query)) else { return }
            _ = routes.target(of: login.deepLink, policy: policy)
        }
    }

    private static func session(_ text: [UInt8]) -> Session {
        let name = String(decoding: text, as: UTF8.self)
        let token = IDToken(
            accountID: "feed", installationID: "icfg_1", userID: "0123", role: .user, email: name, name: name,
            avatarURL: name, expiresAt: TestWorld.now + 60)
        return Session(
            id: SessionID(.secure), VerifiedMember(token, integration: "live"), role: .user, now: TestWorld.now,
            issuedAt: TestWorld.now, lifetimes: SessionLifetimes())
    }

    private static let readers: [Reader] =
        ["path", "url", "support", "pr", "resource_id", "sso_flow"].map(deepLink) + [
            Reader(name: "a session's cookie, answer and page") { text in
                let session = session(text)
                let keeper = SessionKeeper(
                    ring: TestWorld.ring, settings: TestWorld.settings(), access: TestWorld.access)
                let cookie = String(
                    decoding: keeper.issue(session, now: TestWorld.now).utf8.prefix { $0 != UInt8(ascii: ";") },
                    as: UTF8.self)
                let request = TestWorld.request("/sso/session", headers: ["Cookie": cookie])
                _ = keeper.live(in: request, now: TestWorld.now)
                _ = IdentityHeaders(.authRequest).headers(for: TestWorld.live(session), assertion: "", now: 0)
            },
            Reader(name: "a client's address") { text in
                let request = TestWorld.request(
                    "/", headers: ["X-Forwarded-For": String(decoding: text, as: UTF8.self)])
                _ = ClientAddress.of(request, behind: TestWorld.settings().trusted)
            },
        ]
        + CostlyText.Spelling.allCases.filter { $0 != .percent }.flatMap { spelling in
            [#"{"$":1}"#, #"{"account":{"name":"$","url":"$","$":"$"}}"#, #"{"credentials":{"access_token":"$"}}"#].map
            {
                body in
                Reader(name: "body of a verified call \(body)", spelling: spelling) { text in
                    let filled = body.replacing("$", with: String(decoding: text, as: UTF8.self))
                    let target = try RequestTarget(SecretBytes("/v1/installations/icfg_1"))
                    let request = HTTPRequest(
                        method: .put, target: target,
                        headers: ["X-Vercel-Auth": "user", "Authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln"],
                        body: SecretBytes(filled), peer: .unixSocket)
                    let call = try InstallationCall(request, installationID: "icfg_1")
                    _ = (try? call.content())?.account
                }
            }
        }

    @Test(arguments: readers)
    func `RT-100: text that is read behind a login costs what letters cost`(reader: Reader) async throws {
        let complaints = try await CostlyText.complaints(reader.spelling, reader.read)
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
    }
}
