import HTTP
import Testing

@testable import Gateway

/// The listener refuses most doubled headers before; here none of them makes a request act.
@Suite struct NavigationRefusalTests {
    private static let navigation = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]

    private static func status(_ fields: [(String, String)]) -> Int? {
        let headers = HTTPHeaders(fields.map { HTTPHeaders.Field(name: $0.0, value: $0.1) })
        return Navigation.refusal(of: TestWorld.context(TestWorld.request("/sso/start", headers: headers)))?.status
            .rawValue
    }

    @Test func `a navigation, and a request without fetch metadata, may act`() {
        #expect(Self.status(Self.navigation) == nil)
        #expect(Self.status(Self.navigation + [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-User", "?1")]) == nil)
        #expect(Self.status([]) == nil && Self.status([("Accept", "text/html"), ("Sec-CH-UA", "x")]) == nil)
    }

    @Test func `RT-103: a doubled header makes nothing act`() {
        for name in ["Sec-Purpose", "Purpose", "X-Moz", "X-Purpose", "sec-purpose", "purpose", "x-moz"] {
            #expect(Self.status(Self.navigation + [(name, "prefetch"), (name, "")]) == 403, "\(name)")
            #expect(Self.status([(name, ""), (name, "")]) == 403, "\(name)")
        }
        for (name, value) in Self.navigation {
            #expect(Self.status(Self.navigation + [(name, value)]) == 403, "\(name)")
            #expect(Self.status([(name, value), (name, value)]) == 403, "\(name)")
        }
    }
}
