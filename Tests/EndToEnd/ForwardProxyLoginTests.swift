import CurlHTTPClient
import Glibc
import HTTP
import MicroHTTPServer
import TestSupport
import Testing

@testable import ProviderStandIn

@Suite(.enabled(if: ForwardProxyProcess.isPossible, "this user may not mount"))
struct `A login through a forward proxy` {
    @Test(arguments: ForwardProxyProcess.Kind.allCases)
    func `succeeds with the proxy's password, and fails by name when the proxy is down`(
        kind: ForwardProxyProcess.Kind
    ) async throws {
        let host = ForwardProxyProcess.hostName
        let standIn = try ServeTests.standIn()
        let tls = try TLSFixture()
        try tls.makeCertificate("marketplace", for: "DNS:\(host)", ca: "ca")
        let front = try TLSFront(tls, "marketplace", before: UInt16(standIn.server.port))
        let proxy = try ForwardProxyProcess(kind, needsCredentials: true)
        let folder = try TestFolder()
        try folder.write("proxy-credentials", kind.credentials + "\n")
        let file = try ProcessWorld.configure(
            folder, marketplace: "https://\(host):\(front.port)",
            extra: """
                ca_file: \(tls.path("ca.pem"))
                outbound: { proxy: "\(proxy.url)", proxy_credentials_file: \(folder.path)/proxy-credentials }
                """)
        let shown = try await GatewayProcess.run(["check", "--config", file], in: folder)
        #expect(
            shown.output.contains(
                "outbound: { proxy: \"\(proxy.url)\", proxy_credentials_file: (\(kind.credentials.utf8.count) bytes) }")
        )
        let live = try await GatewayProcess.run(["check", "--live", "--config", file], in: folder)
        #expect(live.code == 0, "\(live.output)")

        let process = try GatewayProcess(["serve", "--config", file, "--log-format", "json"], in: folder)
        defer { process.child.end() }
        let client = try CurlHTTPClient(ClientSettings())
        defer { client.stop() }
        let world = ProcessWorld(
            standIn: standIn, process: process, folder: folder, client: client, ports: try await process.ports())
        let login = try await world.browser().callBack(standIn.click())
        #expect(login.status == 303, "\(login.body) \(process.output) \(proxy.log)")
        #expect(proxy.log.contains(host))
        #expect(standIn.counters.exchanges == 1 && standIn.counters.memberLookups == 1)

        proxy.stop()
        let failed = try await world.browser().callBack(standIn.click())
        #expect(failed.status == 502)
        let line = try await process.line { $0.contains("upstream_failed") && $0.contains(#""exchange""#) }
        #expect(line.contains(#""host":"\#(host):\#(front.port)","reason":"connect""#), "\(line)")
        #expect(line.contains("Failed to connect to 127.0.0.1 port \(proxy.port)"), "\(line)")
        #expect(!process.output.contains("proxy-canary") && !shown.output.contains("proxy-canary"))
        await standIn.stop()
    }

    @Test(arguments: [("DNS:localhost", "none"), ("DNS:other.invalid", "tls")])
    func `an https proxy is reached only with a certificate for its name`(subject: String, reason: String) async throws
    {
        let host = ForwardProxyProcess.hostName
        let standIn = try ServeTests.standIn()
        let tls = try TLSFixture()
        try tls.makeCertificate("marketplace", for: "DNS:\(host)", ca: "ca")
        try tls.makeCertificate("proxy", for: subject, ca: "ca")
        let front = try TLSFront(tls, "marketplace", before: UInt16(standIn.server.port))
        let proxy = try ForwardProxyProcess(.tinyproxy)
        let proxyFront = try TLSFront(tls, "proxy", before: proxy.port)
        let client = try CurlHTTPClient(
            ClientSettings(
                caFile: tls.path("ca.pem"),
                proxy: ForwardProxy(url: "https://localhost:\(proxyFront.port)", credentials: nil)))
        defer { client.stop() }
        let url = "https://\(host):\(front.port)/.well-known/jwks"
        var failure = "none"
        do throws(HTTPClientError) {
            let response = try await client.send(HTTPClientRequest(.get, url, timeout: .seconds(20)))
            #expect(response.status == .ok)
        } catch { failure = error.reason }
        #expect(failure == reason)
        #expect(proxy.log.contains(host) == (reason == "none"))
        await standIn.stop()
    }

    @Test(arguments: ForwardProxyProcess.Kind.allCases)
    func `a tunnel is kept for later requests, and known to be closed when the proxy has ended`(
        kind: ForwardProxyProcess.Kind
    ) async throws {
        let host = ForwardProxyProcess.hostName
        let standIn = try ServeTests.standIn()
        let tls = try TLSFixture()
        try tls.makeCertificate("marketplace", for: "DNS:\(host)", ca: "ca")
        let front = try TLSFront(tls, "marketplace", before: UInt16(standIn.server.port))
        let proxy = try ForwardProxyProcess(kind)
        let client = try CurlHTTPClient(
            ClientSettings(
                caFile: tls.path("ca.pem"), proxy: ForwardProxy(url: proxy.url, credentials: nil)))
        defer { client.stop() }
        let url = "https://\(host):\(front.port)/.well-known/jwks"
        var mentions: [Int] = []
        for _ in 0..<3 {
            let response = try await client.send(HTTPClientRequest(.get, url, timeout: .seconds(20)))
            #expect(response.status == .ok)
            mentions.append(proxy.log.ranges(of: host).count)
        }
        #expect(mentions[0] > 0 && Set(mentions).count == 1, "\(mentions)")
        proxy.stop()
        // A POST that was written on the dead tunnel would be `.broken`.
        let request = HTTPClientRequest(.post, url, timeout: .seconds(20))
        await #expect(throws: HTTPClientError.cannotConnect) { _ = try await client.send(request) }
        await standIn.stop()
    }
}
