import HTTP
import JOSE
import Locking
import OpenSSLCrypto
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import ProviderStandIn

/// A stand-in of a test's own, asked directly, at a time that the test sets. The keys are everybody's: making them
/// takes longer than the rest.
struct StandInWorld: Sendable {
    static let ada = "0ada0ada0ada0ada0ada0ada"
    static let ben = "0be40be40be40be40be40be4"
    static let callback = "https://app.example.test/callback"
    static let rsaKeys = (0..<3).map { _ in RSAPrivateKey.generate(bits: 2048) }
    static let keys = (0..<3).map { number in
        StandInState.SigningKey(id: "key-\(number)", key: .rsa(rsaKeys[number]))
    }

    let standIn: ProviderStandIn
    let settings: StandInSettings
    let time = Locked<Int64>(1_800_000_000)

    init(_ change: (inout StandInSettings) -> Void = { _ in }) {
        var settings = StandInSettings.demonstration(redirectLoginURL: Self.callback)
        change(&settings)
        self.settings = settings
        standIn = ProviderStandIn(
            settings: settings, now: { [time] in time.withLock { $0 } }, random: { SecureRandom.bytes($0) },
            keys: Array(Self.keys[..<2]), retired: Self.keys[2])
    }

    var integration: StandInSettings.Integration { settings.integrations[0] }
    var installation: StandInSettings.Installation { integration.installations[0] }

    var now: Int64 { time.withLock { $0 } }
    var counters: StandInState.Counters { standIn.state.withLock { $0.counters } }

    func advance(by seconds: Int64) { time.withLock { $0 += seconds } }

    func send(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: String = "", isBare: Bool = false
    ) async throws -> HTTPResponse {
        var all: HTTPHeaders = isBare ? [:] : ["Host": "localhost:4190"]
        for field in headers.fields { all.append(field.name, field.value) }
        let request = HTTPRequest(
            method: method, target: try RequestTarget(SecretBytes(target)), headers: all, body: SecretBytes(body),
            peer: .unixSocket)
        switch standIn.answer(request) {
        case .now(let response): return response
        case .later(let work): return await work()
        }
    }

    func get(_ target: String, _ headers: HTTPHeaders = [:]) async throws -> HTTPResponse {
        try await send(.get, target, headers: headers)
    }

    func post(_ target: String, form: [(String, String)] = [], _ headers: HTTPHeaders = [:]) async throws
        -> HTTPResponse
    {
        var all: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded"]
        for field in headers.fields { all.append(field.name, field.value) }
        let body = form.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        return try await send(.post, target, headers: all, body: body)
    }

    func post(_ target: String, json: JSONObject, _ headers: HTTPHeaders = [:]) async throws -> HTTPResponse {
        var all: HTTPHeaders = ["Content-Type": "application/json"]
        for field in headers.fields { all.append(field.name, field.value) }
        return try await send(.post, target, headers: all, body: String(decoding: json.encoded, as: UTF8.self))
    }

    /// A login as far as the browser's redirect: the parameters of the callback.
    func click(user: String? = nil) throws -> (code: String, state: String) {
        try #require(standIn.mint(integration, nil, user: user))
    }

    /// What a partner sends for a code.
    func exchangeFields(_ code: String, state: String?) -> [(String, String)] {
        [
            ("grant_type", "authorization_code"), ("client_id", integration.clientID),
            ("client_secret", integration.clientSecret), ("code", code),
        ] + (state.map { [("state", $0)] } ?? [])
    }

    func exchange(_ login: (code: String, state: String)) async throws -> HTTPResponse {
        try await post("/v1/integrations/sso/token", form: exchangeFields(login.code, state: login.state))
    }

    /// The id_token of a whole login.
    func token(user: String? = nil) async throws -> String {
        try #require(try await exchange(click(user: user)).json["id_token"]?.text?.string)
    }

    func keySet() async throws -> JWKSet {
        try JWKSet(parsing: SecretBytes(try await get("/.well-known/jwks").body))
    }
}

extension HTTPResponse {
    var json: JSONObject { (try? JSONObject(parsing: body)) ?? [:] }
    var text: String { String(decoding: body, as: UTF8.self) }
    /// `error.code` of the REST shape.
    var errorCode: String? {
        guard case .object(let error)? = json["error"], error["message"]?.text?.isEmpty == false else { return nil }
        return error["code"]?.text?.string
    }
}

/// A status and the error's code, as a table has it.
struct Verdict: Equatable, Sendable {
    let status: Int
    let code: String?

    init(_ status: Int, _ code: String?) {
        self.status = status
        self.code = code
    }

    init(_ response: HTTPResponse) { self.init(response.status.rawValue, response.errorCode) }
}
