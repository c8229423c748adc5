import CurlHTTPClient
import HTTP
import SecretMemory
import TestSupport
import Testing

/// A kept connection can be one that the server has ended. libcurl 7.88 takes a TLS connection for alive as long as
/// there is a byte to read, which a close_notify is; the request then is lost, or goes to the server a second time.
@Suite struct `A connection that the server has ended` {
    @Test(arguments: [
        IdleServer.Kind.nginxTimeout, .nginxReload, .caddyTimeout, .fin, .reset, .closeNotify, .requestTimeout,
    ])
    func `RT-112: takes no request, and each request reaches the server once`(kind: IdleServer.Kind) async throws {
        let server = try await onThread { try IdleServer(kind) }
        let client = makeClient(ClientSettings(connectTimeout: patience, caFile: server.caFile))
        defer { client.stop() }
        var sent: [String] = []
        for (round, count) in [16, 1, 16].enumerated() {
            if round > 0 { try await server.endIdleConnections() }
            let paths = (0..<count).map { "/\(round)/\($0)" }
            #expect(await failures(of: paths, at: server, client) == [])
            sent += paths
        }
        try await server.settle(sent.count)
        #expect(server.paths.sorted() == sent.sorted())
    }

    @Test(arguments: ["127.0.0.1", "localhost"] + (IdleServer.hasIPv6 ? ["[::1]"] : []))
    func `RT-112: is told from one that is open, which is used again`(host: String) async throws {
        let server = try await onThread { try IdleServer(.nginxReload) }
        let client = makeClient(ClientSettings(connectTimeout: patience, caFile: server.caFile))
        defer { client.stop() }
        for number in 0..<20 {
            let url = "https://\(host):\(server.port)/\(number)"
            let method: HTTPMethod = number % 2 == 0 ? .post : .get
            #expect(await client.failure(of: HTTPClientRequest(method, url, timeout: patience)) == nil)
        }
        try await server.settle(20)
        #expect(Set(server.entries.map(\.connection)).count == 1)
    }

    /// All at once. Empty where every one had its answer.
    private func failures(of paths: [String], at server: IdleServer, _ client: CurlHTTPClient) async
        -> [HTTPClientError]
    {
        await withTaskGroup(of: HTTPClientError?.self) { group in
            for path in paths {
                group.addTask {
                    let url = "https://localhost:\(server.port)\(path)"
                    let request = HTTPClientRequest(.post, url, body: SecretBytes("code=c"), timeout: .seconds(8))
                    return await client.outcome(of: request).failure
                }
            }
            return await group.reduce(into: []) { if let failure = $1 { $0.append(failure) } }
        }
    }
}

extension Result<HTTPClientResponse, HTTPClientError> {
    /// Any answer but 200 counts as one too: no request here deserves it.
    fileprivate var failure: HTTPClientError? {
        switch self {
        case .success(let response): response.status == .ok ? nil : .broken
        case .failure(let error): error
        }
    }
}
