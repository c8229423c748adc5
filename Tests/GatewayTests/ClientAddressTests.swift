import HTTP
import Testing

@testable import Gateway

@Suite struct `The client's address` {
    private static func address(_ headers: HTTPHeaders, peer: String = "127.0.0.1") -> String? {
        let client = ClientAddress.of(
            TestWorld.request("/", headers: headers, peer: peer), behind: TestWorld.settings().trusted)
        switch client {
        case .one(let address): return "\(address)"
        case .shared(let shared):
            #expect(shared == TestWorld.request("/", peer: peer).peer)
            return nil
        }
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
            ("2001:db8::1", "2001:db8:0:0:0:0:0:0"), ("64:ff9b::192.0.2.1", "192.0.2.1"),
            ("64:ff9b::1:c000:201", "64:ff9b:0:0:0:0:0:0"),
            ("192.0.2.1, garbage", nil), ("garbage", nil), ("", nil), ("127.0.0.1", nil),
            ("192.0.2.1,", "192.0.2.1"), ("192.0.2.01", nil),
        ] as [(String, String?)])
    func `RT-12 RT-13 behind a trusted proxy is the last hop that is not one, and never a guess`(
        forwarded: String, address: String?
    ) {
        #expect(Self.address(["X-Forwarded-For": forwarded]) == address)
        // Whatever else a client may send.
        #expect(Self.address(["X-Forwarded-For": forwarded, "X-Real-IP": "198.51.100.1"]) == address)
    }

    @Test(
        arguments: [
            ("192.0.2.1:80", "192.0.2.1"), ("203.0.113.7:50001", "203.0.113.7"),
            ("[2001:db8::1]:443", "2001:db8:0:0:0:0:0:0"), ("[2001:db8::1]", "2001:db8:0:0:0:0:0:0"),
            ("198.51.100.7:1, 192.0.2.1:2, 127.0.0.1:3", "192.0.2.1"), ("192.0.2.1,\t [::1]:9 ,", "192.0.2.1"),
            ("192.0.2.1:", nil), ("192.0.2.1:x", nil), ("192.0.2.1:123456", nil), ("192.0.2.1:1:2", nil),
            ("[2001:db8::1", nil), ("[2001:db8::1]443", nil), ("[2001:db8::1]:", nil), ("[]:1", nil), (":80", nil),
            ("2001:db8::1]:443", nil), ("unknown", nil), ("_hidden", nil), ("fe80::1%eth0", nil),
        ] as [(String, String?)])
    func `RT-102: ports are read, and what cannot be read counts for the peer`(forwarded: String, address: String?) {
        #expect(Self.address(["X-Forwarded-For": forwarded]) == address)
    }

    @Test func `RT-13 two lists are none`() {
        #expect(Self.address(["X-Forwarded-For": "192.0.2.1", "x-forwarded-for": "192.0.2.2"]) == nil)
        #expect(Self.address([:]) == nil)
    }
}
