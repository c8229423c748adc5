import HTTP
import SecretMemory
import Testing

@testable import Gateway

/// Every dialect against every header that could speak of the original request.
@Suite struct ProxyDialectTests {
    /// The decision request as the proxy itself sends it, about `GET https://App.Example.test/a?b=c`.
    static func decisionRequest(_ dialect: ProxyDialect) -> (path: String, headers: HTTPHeaders) {
        var headers: HTTPHeaders = [
            "Host": "App.Example.test", "Cookie": "a=b", "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Port": "1",
            "X-Forwarded-Prefix": "/public", "X-Forwarded-Server": "proxy", "Connection": "close, Keep-Alive",
            "X-Forwarded-Proto": "https",
        ]
        if case .header(let header) = dialect.method { headers.append(header.name, "GET") }
        if case .header(let header) = dialect.target { headers.append(header.name, "/a?b=c") }
        if case .header(let header) = dialect.host { headers.append(header.name, "App.Example.test") }
        return (
            dialect.target == .decisionRequest ? dialect.endpoint + "/a?b=c" : dialect.endpoint + "?x=/public", headers
        )
    }

    private static func read(_ dialect: ProxyDialect, _ change: (inout [HTTPHeaders.Field]) -> Void = { _ in }) throws
        -> OriginalRequest
    {
        let (path, headers) = decisionRequest(dialect)
        var fields = headers.fields
        change(&fields)
        return try dialect.read(TestWorld.request(path, headers: HTTPHeaders(fields)))
    }

    /// The headers that this dialect reads, `Host` with Envoy's.
    private static func read(by dialect: ProxyDialect) -> [String] {
        dialect.own + (dialect.host == .decisionRequest ? ["Host"] : [])
    }

    /// Every dialect with every header that it reads.
    static let readHeaders = ProxyDialect.all.flatMap { dialect in
        read(by: dialect).map { (dialect.endpoint, $0) }
    }
    /// Every dialect with every header of the family that another one reads.
    static let foreignHeaders = ProxyDialect.all.flatMap { dialect in
        ProxyDialect.family.filter { !dialect.own.contains($0) }.map { (dialect.endpoint, $0) }
    }

    private static func dialect(_ endpoint: String) throws -> ProxyDialect {
        try #require(ProxyDialect.all.first { $0.endpoint == endpoint })
    }

    @Test(arguments: ProxyDialect.all.map(\.endpoint))
    func `each dialect reads its own headers and no other`(endpoint: String) throws {
        let original = try Self.read(Self.dialect(endpoint))
        #expect(original.method == "GET" && original.host == "app.example.test")
        #expect(original.path.text == "/a" && original.target == "/a?b=c")
    }

    @Test(arguments: readHeaders)
    func `RT-01 RT-13 RT-14 RT-17 refuses a header that is missing, doubled, empty, oversized or not ASCII`(
        endpoint: String, name: String
    ) throws {
        let dialect = try Self.dialect(endpoint)
        #expect(throws: OriginalRequest.Refusal.missing(name)) {
            try Self.read(dialect) { $0.removeAll { $0.name == name } }
        }
        for spelling in [name, name.lowercased(), name.uppercased()] {
            #expect(throws: OriginalRequest.Refusal.repeated(name)) {
                try Self.read(dialect) { $0.append(.init(name: spelling, value: "/public")) }
            }
        }
        let values = [
            "", " ", "GET, POST", "https,http", "a, b", "g t", "\u{fffd}", "caf\u{e9}.test", "\u{212a}.test",
            "\u{0}", "/a\u{0}b",
            "\u{ff0f}", "/%", "/..", "/a b", String(repeating: "A", count: 9000),
            "/" + String(repeating: "a", count: 8192),
            String(repeating: "a.", count: 400),
        ]
        for value in values {
            #expect(throws: OriginalRequest.Refusal.self, "\(value.prefix(20))") {
                try Self.read(dialect) { fields in
                    fields.removeAll { $0.name == name }
                    fields.append(.init(name: name, value: value))
                }
            }
        }
    }

    @Test(arguments: readHeaders)
    func `RT-04 RT-05 refuses every alias of a header that decides`(endpoint: String, name: String) throws {
        guard name != "Host" else { return }
        let dialect = try Self.dialect(endpoint)
        for character in "_.!#$%&'*+^`|~" {
            let whole = name.replacing("-", with: String(character))
            let half = name.prefix { $0 != "-" } + String(character) + name.drop { $0 != "-" }.dropFirst()
            for alias in [whole, String(half), whole.lowercased(), whole.uppercased()] {
                #expect(throws: OriginalRequest.Refusal.foreign(alias)) {
                    try Self.read(dialect) { $0.append(.init(name: alias, value: "GET")) }
                }
                // Nor does it stand in for the header itself.
                #expect(throws: OriginalRequest.Refusal.foreign(alias)) {
                    try Self.read(dialect) { fields in
                        fields = fields.map { $0.name == name ? .init(name: alias, value: $0.value) : $0 }
                    }
                }
            }
        }
    }

    @Test(arguments: foreignHeaders)
    func `RT-15 refuses what belongs to another dialect`(endpoint: String, name: String) throws {
        let dialect = try Self.dialect(endpoint)
        for spelling in [name, name.lowercased(), name.replacing("-", with: "_"), name.replacing("-", with: ".")] {
            #expect(throws: OriginalRequest.Refusal.foreign(spelling)) {
                try Self.read(dialect) { $0.append(.init(name: spelling, value: "/public")) }
            }
        }
    }

    @Test(arguments: readHeaders)
    func `RT-09 refuses a request whose Connection lists a header that decides`(endpoint: String, name: String) throws {
        let dialect = try Self.dialect(endpoint)
        for list in [name, name.lowercased(), "close, \(name)", "keep-alive,\(name.replacing("-", with: "_"))"] {
            #expect(throws: OriginalRequest.Refusal.self, "\(list)") {
                try Self.read(dialect) { $0.append(.init(name: "Connection", value: list)) }
            }
        }
        #expect(throws: OriginalRequest.Refusal.hopByHop("Cookie")) {
            try Self.read(dialect) { $0.append(.init(name: "Connection", value: "Cookie")) }
        }
    }

    @Test(arguments: ProxyDialect.all.map(\.endpoint), ["HTTPS", "gopher", "https, http", "javascript", "https://"])
    func `RT-08 refuses a scheme that is none`(endpoint: String, scheme: String) throws {
        let dialect = try Self.dialect(endpoint)
        #expect(throws: OriginalRequest.Refusal.scheme) {
            try Self.read(dialect) { fields in
                fields = fields.map { $0.name == "X-Forwarded-Proto" ? .init(name: $0.name, value: scheme) : $0 }
            }
        }
    }

    @Test(arguments: ProxyDialect.all.map(\.endpoint))
    func `RT-06 RT-07 prefix and port change nothing`(endpoint: String) throws {
        let dialect = try Self.dialect(endpoint)
        let plain = try Self.read(dialect)
        for value in ["", "/", "/public", "443", "//evil.test", "../..", "\u{e9}", String(repeating: "a", count: 9000)]
        {
            let other = try Self.read(dialect) { fields in
                fields.removeAll { ["X-Forwarded-Prefix", "X-Forwarded-Port"].contains($0.name) }
                fields.append(.init(name: "X-Forwarded-Prefix", value: value))
                fields.append(.init(name: "X-Forwarded-Port", value: value))
            }
            #expect(other.method == plain.method && other.host == plain.host)
            #expect(other.target == plain.target && other.path == plain.path)
        }
    }

    @Test func `Envoy's original target is the request's own path, to the byte`() throws {
        for target in ["/", "/?", "/a%20b?c=%2f", "/authz/envoy/x", "/a?b?c#".replacing("#", with: "")] {
            var headers = Self.decisionRequest(.envoy).headers
            headers.append("X-Request-Id", "1")
            let request = TestWorld.request("/authz/envoy" + target, headers: headers)
            #expect(try ProxyDialect.envoy.read(request).target == target)
        }
        for path in ["/authz/envoy", "/authz/envoy?x=/", "/authz/%65nvoy/a", "/authz/envoyx/a"] {
            #expect(throws: OriginalRequest.Refusal.path(.notAPath)) {
                try ProxyDialect.envoy.read(TestWorld.request(path, headers: Self.decisionRequest(.envoy).headers))
            }
        }
    }
}
