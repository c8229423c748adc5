import HTTP
import Testing

@testable import Gateway

@Suite struct `The client's address` {
    private static func address(_ headers: HTTPHeaders, peer: String = "127.0.0.1") -> String? {
        ClientAddress.of(TestWorld.request("/", headers: headers, peer: peer), settings: TestWorld.settings())
            .map { "\($0)" }
    }

    @Test(arguments: [
        "192.0.2.1", "127.0.0.1", "192.0.2.1, 127.0.0.1", "nonsense", "", "198.51.100.7,192.0.2.1", "2001:db8::1",
    ])
    func `RT-12 is the socket's wherever the peer is not a trusted proxy`(forwarded: String) {
        #expect(Self.address(["X-Forwarded-For": forwarded], peer: "203.0.113.9") == "203.0.113.9")
        #expect(
            Self.address(["X-Real-IP": forwarded, "Forwarded": "for=\(forwarded)"], peer: "203.0.113.9")
                == "203.0.113.9")
    }

    @Test(
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("198.51.100.7, 192.0.2.1", "192.0.2.1"),
            ("192.0.2.1, 127.0.0.1", "192.0.2.1"), ("garbage, 192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8:0:0:0:0:0:1"),
            ("192.0.2.1, garbage", nil), ("garbage", nil), ("", nil), ("192.0.2.1:80", nil), ("127.0.0.1", nil),
            ("192.0.2.1,", "192.0.2.1"), ("192.0.2.01", nil),
        ] as [(String, String?)])
    func `RT-12 RT-13 behind a trusted proxy is the last hop that is not one, and never a guess`(
        forwarded: String, address: String?
    ) {
        #expect(Self.address(["X-Forwarded-For": forwarded]) == address)
        // Whatever else a client may send.
        #expect(Self.address(["X-Forwarded-For": forwarded, "X-Real-IP": "198.51.100.1"]) == address)
    }

    @Test func `RT-13 two lists are none`() {
        #expect(Self.address(["X-Forwarded-For": "192.0.2.1", "x-forwarded-for": "192.0.2.2"]) == nil)
        #expect(Self.address([:]) == nil)
    }
}
