import HTTP
import JOSE
import Marketplace
import SecretMemory
import TestSupport
import Testing
import Untrusted

/// Tokens from the marketplace: by client credentials and by rotation.
@Suite struct InstallationCredentialTests {
    /// Answers and keeps the request.
    private actor OneAnswer: HTTPClient {
        var request: HTTPClientRequest?
        let status: Int
        let body: String

        init(_ status: Int, _ body: String) {
            self.status = status
            self.body = body
        }

        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
            self.request = request
            return HTTPClientResponse(status: HTTPStatus(rawValue: status), headers: [:], body: SecretBytes(body))
        }
    }

    @Test func `the grant's form carries the extra parameters with the installation in its place`() async throws {
        let client = OneAnswer(200, #"{"access_token":"short","expires_in":3600,"token_type":"Bearer"}"#)
        let grant = ClientCredentialsGrant(
            url: "https://api.example.test/token", clientID: "oac_Test", clientSecret: SecretBytes("a&b=c+d \"%"),
            parameters: [("installation_id", "{installation_id}"), ("scope name", "x/{installation_id}")],
            client: client)
        let granted = try await grant.token(installation: "icfg_1")
        #expect(granted.token.exposedText?.string == "short" && granted.expiresIn == 3600)
        let sent = try #require(await client.request)
        #expect(sent.method == .post && sent.url == "https://api.example.test/token")
        #expect(sent.headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(
            sent.body?.exposedText?.string == "grant_type=client_credentials&client_id=oac_Test"
                + "&client_secret=a%26b%3Dc%2Bd%20%22%25&installation_id=icfg_1&scope%20name=x%2Ficfg_1")
    }

    @Test func `a rotation shows the old token and the client's secret`() async throws {
        let client = OneAnswer(200, #"{"access_token":"new","token_type":"oauth2-token","scope":"s","expires_in":60}"#)
        let rotation = CredentialRotation(
            apiURL: "https://api.example.test", clientID: "oac_Test", clientSecret: SecretBytes("s\"\\\u{1}"),
            client: client)
        let granted = try await rotation.rotate(SecretBytes("old"), installation: "icfg_1/..")
        #expect(granted.token.exposedText?.string == "new" && granted.expiresIn == 60)
        let sent = try #require(await client.request)
        #expect(sent.url == "https://api.example.test/v1/installations/icfg_1%2F../credentials/rotate")
        #expect(sent.headers["Authorization"] == "Bearer old")
        #expect(sent.body?.exposedText?.string == #"{"client_id":"oac_Test","client_secret":"s\"\\\u0001"}"#)
    }

    static let answers: [(Int, String, GrantedToken.Failure)] = [
        (400, "{}", .refused(status: 400)), (401, "{}", .refused(status: 401)), (403, "", .refused(status: 403)),
        (409, "{}", .refused(status: 409)), (404, "{}", .installationGone(status: 404)),
        (410, "{}", .installationGone(status: 410)), (429, "{}", .unavailable("rate_limited")),
        (500, "{}", .unavailable("status")), (302, "", .unavailable("status")),
        (200, "<html>", .unavailable("not_json")), (200, "{}", .unavailable("no_token")),
        (200, #"{"access_token":null}"#, .unavailable("no_token")),
        (200, #"{"access_token":""}"#, .unavailable("no_token")),
        (200, #"{"access_token":"a b"}"#, .unavailable("no_token")),
        (200, #"{"access_token":"a\nX-Evil: 1"}"#, .unavailable("not_json")),
        (200, #"{"access_token":"\#(String(repeating: "a", count: 4097))"}"#, .unavailable("no_token")),
        (200, #"{"access_token":"a","access_token":"b"}"#, .unavailable("not_json")),
    ]

    @Test(arguments: answers.indices)
    func `every other answer is no token, and says why`(_ row: Int) async {
        let (status, body, failure) = Self.answers[row]
        let grant = ClientCredentialsGrant(
            url: "https://api.example.test/token", clientID: "oac_Test", clientSecret: SecretBytes("s"),
            parameters: [], client: OneAnswer(status, body))
        await #expect(throws: failure) { try await grant.token(installation: "icfg_1") }
    }

    @Test(arguments: [("null", nil), ("0", nil), ("-1", nil), ("1e400", nil), ("\"60\"", nil), ("60", 60)])
    func `a lifetime is a positive whole number or nothing`(_ text: String, _ expected: Int64?) async throws {
        let client = OneAnswer(200, #"{"access_token":"t","expires_in":\#(text)}"#)
        let grant = ClientCredentialsGrant(
            url: "https://api.example.test/token", clientID: "oac_Test", clientSecret: SecretBytes("s"),
            parameters: [], client: client)
        #expect(try await grant.token(installation: "icfg_1").expiresIn == expected)
    }

    @Test func `a revocation has a live token as bearer and names the one to revoke`() async throws {
        let client = OneAnswer(204, "")
        let revocation = CredentialRevocation(
            apiURL: "https://api.example.test", clientID: "oac_Test", clientSecret: SecretBytes("s"), client: client)
        try await revocation.revoke(SecretBytes("old"), bearing: SecretBytes("new"), installation: "icfg_1")
        let sent = try #require(await client.request)
        #expect(sent.url == "https://api.example.test/v1/installations/icfg_1/credentials/revoke")
        #expect(sent.headers["Authorization"] == "Bearer new")
        #expect(sent.body?.exposedText?.string == #"{"token":"old","client_id":"oac_Test","client_secret":"s"}"#)
    }

    @Test(
        arguments: [
            (409, .lastLiveToken), (401, .other(.refused(status: 401))), (410, .other(.installationGone(status: 410))),
            (429, .other(.unavailable("rate_limited"))), (500, .other(.unavailable("status"))),
        ] as [(Int, CredentialRevocation.Failure)])
    func `a revocation that fails says why`(_ status: Int, _ failure: CredentialRevocation.Failure) async {
        let revocation = CredentialRevocation(
            apiURL: "https://api.example.test", clientID: "oac_Test", clientSecret: SecretBytes("s"),
            client: OneAnswer(status, ""))
        await #expect(throws: failure) {
            try await revocation.revoke(SecretBytes("old"), bearing: SecretBytes("new"), installation: "icfg_1")
        }
    }

    @Test func `a refresh token becomes an id_token and the next refresh token`() async throws {
        let answer = #"{"id_token":"a.b.c","refresh_token":"next","access_token":"acc","expires_in":900}"#
        let client = OneAnswer(200, answer.replacing("a.b.c", with: Self.compact))
        let exchange = TokenExchange(
            apiURL: "https://api.example.test", clientID: "oac_Test", clientSecret: SecretBytes("s"), client: client)
        let tokens = try await exchange.refresh(SecretBytes("first"))
        #expect(tokens.refreshToken.exposedText?.string == "next" && tokens.expiresIn == 900)
        #expect(tokens.accessToken?.exposedText?.string == "acc")
        let sent = try #require(await client.request)
        #expect(
            sent.body?.exposedText?.string == #"{"grant_type":"refresh_token","client_id":"oac_Test","#
                + #""client_secret":"s","refresh_token":"first"}"#)
    }

    private static let compact =
        SignJWS.compact(
            payload: TokenWorld.payload(), keyID: "k0", with: TokenWorld.keys[0], by: .es256
        ).exposedText?.string ?? ""

    @Test(arguments: [
        (400, "{}", "code_refused"), (403, "{}", "client_refused"), (429, "", "rate_limited"),
        (500, "", "server_error"),
        (200, "x", "not_json"), (200, #"{"id_token":"a"}"#, "no_id_token"),
        (200, #"{"id_token":"a","refresh_token":""}"#, "no_id_token"),
        (200, #"{"error":"invalid_grant"}"#, "code_refused"),
    ])
    func `a refresh token that brings nothing says why`(_ status: Int, _ body: String, _ reason: String) async {
        let exchange = TokenExchange(
            apiURL: "https://api.example.test", clientID: "oac_Test", clientSecret: SecretBytes("s"),
            client: OneAnswer(status, body))
        let failure = await #expect(throws: ExchangeFailure.self) { try await exchange.refresh(SecretBytes("first")) }
        #expect(failure?.reason == reason)
    }
}
