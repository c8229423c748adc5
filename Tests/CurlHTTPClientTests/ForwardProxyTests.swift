import CurlHTTPClient
import Glibc
import HTTP
import SecretMemory
import TestSupport
import Testing
import Untrusted

@Suite(.enabled(if: ForwardProxyProcess.isPossible, "this user may not mount"))
struct `Through a forward proxy` {
    private static let host = ForwardProxyProcess.hostName

    private func client(_ proxy: ForwardProxyProcess, _ credentials: String? = nil, caFile: String? = nil)
        -> CurlHTTPClient
    {
        let credentials = credentials.flatMap { ForwardProxy.Credentials(SecretBytes($0)) }
        return makeClient(
            ClientSettings(
                connectTimeout: patience, caFile: caFile, proxy: ForwardProxy(url: proxy.url, credentials: credentials))
        )
    }

    private func outcome(of request: HTTPClientRequest, _ client: CurlHTTPClient) async -> (String, String) {
        let detail = FailureDetail()
        var request = request
        request.failureDetail = detail
        switch await client.outcome(of: request) {
        case .success(let response): return ("\(response.status.rawValue)", response.body.exposedText?.string ?? "")
        case .failure(let error): return (error.reason, detail.text)
        }
    }

    private func get(_ url: String) -> HTTPClientRequest { HTTPClientRequest(.get, url, timeout: patience) }

    @Test(arguments: ForwardProxyProcess.Kind.allCases, [false, true])
    func `https goes through a tunnel, and the proxy resolves the name`(
        kind: ForwardProxyProcess.Kind, needsCredentials: Bool
    ) async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("good", for: "DNS:\(Self.host)", ca: "ca")
        let port = try tls.serve("good")
        let proxy = try ForwardProxyProcess(kind, needsCredentials: needsCredentials)
        let url = "https://\(Self.host):\(port)/"
        let client = client(
            proxy, needsCredentials ? kind.credentials : nil, caFile: tls.path("ca.pem"))
        defer { client.stop() }
        for _ in 0..<3 {
            let (status, body) = await outcome(of: get(url), client)
            #expect(status == "200" && body.contains("s_server"), "\(status) \(body) \(proxy.log)")
        }
        #expect(proxy.log.contains(Self.host), "\(proxy.log)")
        let direct = makeClient(ClientSettings(connectTimeout: patience, caFile: tls.path("ca.pem")))
        defer { direct.stop() }
        #expect(await direct.failure(of: get(url)) == .cannotResolve)
    }

    @Test(arguments: ForwardProxyProcess.Kind.allCases)
    func `the target's certificate is checked as without a proxy`(kind: ForwardProxyProcess.Kind) async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("wrong", for: "DNS:other.invalid", ca: "ca")
        let port = try tls.serve("wrong")
        let proxy = try ForwardProxyProcess(kind)
        let client = client(proxy, caFile: tls.path("ca.pem"))
        defer { client.stop() }
        let (reason, detail) = await outcome(of: get("https://\(Self.host):\(port)/"), client)
        #expect(reason == "tls")
        #expect(detail.contains("target host name '\(Self.host)'"), "\(detail)")
    }

    @Test(arguments: ForwardProxyProcess.Kind.allCases, ["proxy-user:wrong", nil])
    func `a proxy that refuses the credentials is no answer of the target's`(
        kind: ForwardProxyProcess.Kind, credentials: String?
    ) async throws {
        let tls = try TLSFixture()
        try tls.makeCertificate("good", for: "DNS:\(Self.host)", ca: "ca")
        let port = try tls.serve("good")
        let proxy = try ForwardProxyProcess(kind, needsCredentials: true)
        let client = client(proxy, credentials, caFile: tls.path("ca.pem"))
        defer { client.stop() }
        let request = HTTPClientRequest(.post, "https://\(Self.host):\(port)/", timeout: patience)
        let (reason, detail) = await outcome(of: request, client)
        #expect(reason == "connect")
        switch kind {
        case .tinyproxy: #expect(detail.contains("response 40"), "\(detail)")
        case .microsocks: #expect(detail.contains("SOCKS5") || detail.contains("No authentication method"), "\(detail)")
        }
        #expect(!detail.contains("wrong") && !detail.contains("canary"))
    }

    @Test(arguments: ForwardProxyProcess.Kind.allCases)
    func `a target that the proxy cannot reach is no answer of the target's`(kind: ForwardProxyProcess.Kind)
        async throws
    {
        let proxy = try ForwardProxyProcess(kind)
        let client = client(proxy)
        defer { client.stop() }
        // Port 1 has no listener on a usual machine.
        let (reason, detail) = await outcome(of: get("https://\(Self.host):1/"), client)
        #expect(reason == "connect")
        #expect(!detail.isEmpty)
    }

    @Test(arguments: ForwardProxyProcess.Kind.allCases)
    func `a proxy that is down is named`(kind: ForwardProxyProcess.Kind) async throws {
        let proxy = try ForwardProxyProcess(kind)
        proxy.stop()
        let client = client(proxy)
        defer { client.stop() }
        var result = ("", "")
        for _ in 0..<100 where !result.1.contains("port \(proxy.port)") {
            result = await outcome(of: get("https://\(Self.host)/"), client)
        }
        #expect(result.0 == "connect")
        #expect(result.1.contains("Failed to connect to 127.0.0.1 port \(proxy.port)"), "\(result.1)")
    }

    @Test(arguments: ForwardProxyProcess.Kind.allCases, ["127.0.0.1", "localhost", "127.1"])
    func `a loopback host is reached directly`(kind: ForwardProxyProcess.Kind, host: String) async throws {
        let server = try ScriptedServer(.awaitRequest, .ok("direct"))
        defer { server.stop() }
        let proxy = try ForwardProxyProcess(kind)
        proxy.stop()
        let client = client(proxy)
        defer { client.stop() }
        #expect(await outcome(of: get(server.url(host: host)), client) == ("200", "direct"))
    }

    @Test func `a plain http address of another machine is refused, also with a proxy`() async throws {
        let proxy = try ForwardProxyProcess(.tinyproxy)
        let client = client(proxy)
        defer { client.stop() }
        #expect(await outcome(of: get("http://\(Self.host)/"), client).0 == "url")
        #expect(!proxy.log.contains(Self.host))
    }

    /// The proxy sees the head that opens the tunnel. Its password is for the proxy; the token is for the target.
    @Test func `CONNECT has the proxy's credentials and none of the request's headers`() async throws {
        let proxy = try ScriptedServer(
            .awaitRequest, .send("HTTP/1.1 502 Bad Gateway\r\nX-Proxy: 1\r\nContent-Length: 4\r\n\r\noops"))
        defer { proxy.stop() }
        let settings = ForwardProxy(
            url: "http://127.0.0.1:\(proxy.port)", credentials: ForwardProxy.Credentials(SecretBytes("a%20b:c:d")))
        let client = makeClient(ClientSettings(proxy: settings))
        defer { client.stop() }
        var request = get("https://\(Self.host)/path?code=canary")
        request.headers = ["Authorization": "Bearer canary"]
        let (reason, detail) = await outcome(of: request, client)
        #expect(reason == "connect")
        #expect(detail.contains("response 502"), "\(detail)")
        let head = try #require(proxy.requests.first)
        #expect(head.hasPrefix("CONNECT \(Self.host):443 HTTP/1.1\r\n"))
        #expect(head.contains("Proxy-Authorization: Basic YSUyMGI6Yzpk\r\n"), "\(head)")
        #expect(!head.contains("canary"))
    }

    @Test func `the environment's proxies and exceptions are ignored`() async throws {
        let proxy = try ScriptedServer(.awaitRequest, .send("HTTP/1.1 502 Bad Gateway\r\n\r\n"))
        let other = try ScriptedServer(.awaitRequest)
        defer { for each in [proxy, other] { each.stop() } }
        for name in ["https_proxy", "all_proxy"] { unsafe setenv(name, other.url(), 1) }
        unsafe setenv("no_proxy", "*", 1)
        defer { for name in ["https_proxy", "all_proxy", "no_proxy"] { unsafe unsetenv(name) } }
        let direct = makeClient()
        let proxied = makeClient(
            ClientSettings(proxy: ForwardProxy(url: "http://127.0.0.1:\(proxy.port)", credentials: nil)))
        defer { for each in [direct, proxied] { each.stop() } }
        #expect(await outcome(of: get("https://\(Self.host)/"), direct).0 == "name")
        #expect(await outcome(of: get("https://\(Self.host)/"), proxied).0 == "connect")
        #expect(proxy.connectionCount == 1 && other.connectionCount == 0)
    }

    @Test(arguments: ["", ":", "a", "a:", ":b", "\(String(repeating: "a", count: 256)):b", "a\u{0}:b"])
    func `credentials of another form are refused`(text: String) {
        #expect(ForwardProxy.Credentials(SecretBytes(text)) == nil)
    }
}
