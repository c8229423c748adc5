import HTTP
import SecretMemory
import Testing

@testable import Gateway

/// Requests that no browser sends: over a Unix socket, and without a Host as HTTP/1.0 allows.
@Suite struct AdminAccessTests {
    private static func request(_ headers: HTTPHeaders, _ peer: PeerAddress) -> HTTPRequest {
        let request = TestWorld.request("/ready", headers: headers)
        return HTTPRequest(method: .get, target: request.target, headers: headers, body: SecretBytes([]), peer: peer)
    }

    @Test(arguments: [nil, "token"])
    func `RT-108: what no browser sends is answered`(_ token: String?) throws {
        let access = AdminAccess(token: token.map { SecretBytes($0) })
        let loopback = PeerAddress.ip(try #require(IPAddress("127.0.0.1")))
        func isRead(_ headers: HTTPHeaders, _ peer: PeerAddress) -> Bool {
            access.refusalToRead(TestWorld.context(Self.request(headers, peer))) == nil
        }
        #expect(isRead(["Host": "evil.example"], .unixSocket) && isRead([:], .unixSocket) && isRead([:], loopback))
        #expect(!isRead(["Host": "evil.example"], loopback) && !isRead(["Host": ""], loopback))
        #expect(!isRead(["Host": "evil.example", "Origin": "http://evil.example"], .unixSocket))
        let change = access.refusalToAdminister(TestWorld.context(Self.request([:], loopback)))
        #expect(change?.status == (token == nil ? .forbidden : .unauthorized))
    }

    @Test func `only a Unix socket or the token may change anything, and a page never`() throws {
        let loopback = PeerAddress.ip(try #require(IPAddress("127.0.0.1")))
        func isAllowed(_ token: String?, _ headers: HTTPHeaders, _ peer: PeerAddress) -> Bool {
            let access = AdminAccess(token: token.map { SecretBytes($0) })
            return access.refusalToAdminister(TestWorld.context(Self.request(headers, peer))) == nil
        }
        let right: HTTPHeaders = ["Host": "127.0.0.1", "Authorization": "Bearer token"]
        #expect(isAllowed(nil, ["Host": "localhost"], .unixSocket))
        #expect(isAllowed("token", right, loopback) && isAllowed("token", right, .unixSocket))
        #expect(!isAllowed(nil, right, loopback) && !isAllowed(nil, ["Host": "localhost"], loopback))
        #expect(!isAllowed("token", ["Host": "localhost"], .unixSocket))
        #expect(!isAllowed(nil, ["Host": "localhost", "Origin": "http://localhost"], .unixSocket))
        #expect(!isAllowed(nil, ["Host": "localhost", "Sec-Fetch-Site": "same-origin"], .unixSocket))
    }
}
