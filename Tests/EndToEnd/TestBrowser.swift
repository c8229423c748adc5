import CurlHTTPClient
import HTTP
import Locking
import SecretMemory
import TestSupport

/// What a browser does for a login and nothing more: it keeps cookies, and follows redirects to the places it knows,
/// which are all on loopback. The partner's app is not there, so it stops in front of the app's pages.
final class TestBrowser: Sendable {
    struct Answer: Sendable {
        let url: String
        let status: Int
        let headers: HTTPHeaders
        let body: String

        var title: String {
            guard let start = body.firstRange(of: "<title>")?.upperBound else { return "" }
            return String(body[start...].prefix { $0 != "<" })
        }
        var location: String { headers["Location"] ?? "" }
        /// The request number that the page shows.
        var requestID: String {
            guard let start = body.firstRange(of: "Request <code>")?.upperBound else { return "" }
            return String(body[start...].prefix { $0 != "<" })
        }
        /// The session cookie that came with this answer, if one was set.
        var session: String? {
            let name = TestBrowser.sessionName + "="
            let value = headers.all("Set-Cookie").first { $0.hasPrefix(name) }?.dropFirst(name.count)
                .prefix { $0 != ";" }
            return value.flatMap { $0.isEmpty ? nil : String($0) }
        }
        func setCookie(_ name: String) -> String? { headers.all("Set-Cookie").first { $0.hasPrefix(name + "=") } }
        /// The value of the page's first form field of this name.
        func field(_ name: String) -> String? {
            guard let start = body.firstRange(of: #"name="\#(name)" value=""#)?.upperBound else { return nil }
            return String(body[start...].prefix { $0 != "\"" })
        }
    }

    static let sessionName = "__Host-sso_session"

    private let client: any HTTPClient
    /// Origin as the browser names it → where it really is.
    private let places: [String: String]
    private let jar = Locked<[String: [(name: String, value: String)]]>([:])

    init(_ client: any HTTPClient, _ places: [String: String]) {
        self.client = client
        self.places = places
    }

    subscript(cookie name: String) -> String? {
        get { jar.withLock { $0[LoginWorld.origin]?.first { $0.name == name }?.value } }
        set { jar.withLock { Self.keep(name, newValue, in: &$0[LoginWorld.origin, default: []]) } }
    }
    var cookieNames: [String] { cookieNames(at: LoginWorld.origin) }

    func cookies(at origin: String) -> [(name: String, value: String)] { jar.withLock { $0[origin] ?? [] } }
    func cookieNames(at origin: String) -> [String] { cookies(at: origin).map(\.name) }
    func set(_ name: String, _ value: String, at origin: String) {
        jar.withLock { Self.keep(name, value, in: &$0[origin, default: []]) }
    }

    /// One request; `url` is absolute, or a path on the app's origin.
    func get(_ url: String, headers: HTTPHeaders = [:]) async throws -> Answer {
        try await send(.get, url, headers, nil)
    }

    func head(_ url: String) async throws -> Answer { try await send(.head, url, [:], nil) }

    func post(_ url: String, _ form: String, headers: HTTPHeaders = [:]) async throws -> Answer {
        var headers = headers
        headers.append("Content-Type", "application/x-www-form-urlencoded")
        headers.append("Sec-Fetch-Site", "same-origin")
        // The form is on a page of the same origin.
        let isPath = url.hasPrefix("/")
        headers.append(
            "Origin", isPath ? LoginWorld.origin : url.split(separator: "/").prefix(2).joined(separator: "//"))
        return try await send(.post, url, headers, SecretBytes(form))
    }

    /// The callback with the marketplace's query.
    func callBack(_ query: String, at path: String = "/sso/callback") async throws -> Answer {
        try await get("\(path)?\(query)")
    }

    /// Follows redirects up to the app's own pages; the answer is the last one, its `location` the page.
    func open(_ url: String) async throws -> Answer {
        var answer = try await get(url)
        for _ in 0..<10 {
            let next = answer.location
            let isOurs = next.hasPrefix("/sso/") || next.contains("/callback?")
            let isKnown = places.keys.contains { next.hasPrefix($0 + "/sso/") || next.hasPrefix($0 + "/oauth/") }
            guard !next.isEmpty, isOurs || isKnown else { break }
            answer = try await get(next)
        }
        return answer
    }

    /// The session's fields, as the app's front end would read them; nil without a session.
    func session() async throws -> String? {
        let answer = try await get("/sso/session")
        return answer.status == 200 ? answer.body : nil
    }

    private func send(_ method: HTTPMethod, _ url: String, _ headers: HTTPHeaders, _ body: SecretBytes?) async throws
        -> Answer
    {
        let absolute = url.hasPrefix("/") ? LoginWorld.origin + url : url
        guard let (origin, place) = places.first(where: { absolute.hasPrefix($0.key + "/") }) else {
            preconditionFailure("a test leaves its own servers: \(absolute)")
        }
        var headers = headers
        let cookies = jar.withLock { $0[origin] ?? [] }
        if !cookies.isEmpty {
            headers.append("Cookie", cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; "))
        }
        let response = try await client.send(
            HTTPClientRequest(
                method, place + absolute.dropFirst(origin.count), headers: headers, body: body, timeout: .seconds(60),
                maximumResponseBody: 1 << 21))
        for cookie in response.headers.all("Set-Cookie") {
            let parts = cookie.split(separator: ";")
            guard let pair = parts.first?.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false),
                pair.count == 2
            else { continue }
            let isGone = cookie.contains("Max-Age=0;")
            jar.withLock { Self.keep(String(pair[0]), isGone ? nil : String(pair[1]), in: &$0[origin, default: []]) }
        }
        return Answer(
            url: absolute, status: response.status.rawValue, headers: response.headers,
            body: String(decoding: response.body.exposedBytes, as: UTF8.self))
    }

    private static func keep(_ name: String, _ value: String?, in cookies: inout [(name: String, value: String)]) {
        cookies.removeAll { $0.name == name }
        if let value { cookies.append((name, value)) }
    }
}
