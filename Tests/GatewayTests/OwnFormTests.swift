import HTTP
import Testing

@testable import Gateway

@Suite struct OwnFormTests {
    /// `null` with `same-origin` is what Chromium 156 sends from a page with `Referrer-Policy: no-referrer`.
    @Test(
        arguments: [
            (nil, nil, true), ("https://app.example.test", nil, true),
            ("https://app.example.test", "same-origin", true),
            ("null", "same-origin", true), (nil, "same-origin", true),
            ("null", nil, false), ("null", "cross-site", false), ("null", "same-site", false), ("null", "none", false),
            ("https://evil.test", nil, false), ("https://evil.test", "same-origin", false), (nil, "cross-site", false),
            (nil, "same-site", false), (nil, "none", false), ("http://app.example.test", nil, false),
            ("https://app.example.test:444", "same-origin", false), ("https://app.example.test", "cross-site", false),
        ] as [(String?, String?, Bool)])
    func `a form counts as ours only while nothing the browser says speaks against it`(
        origin: String?, site: String?, isOwn: Bool
    ) {
        var headers: HTTPHeaders = ["Host": "app.example.test"]
        if let origin { headers.append("Origin", origin) }
        if let site { headers.append("Sec-Fetch-Site", site) }
        let request = TestWorld.request("/sso/sign_out", headers: headers)
        #expect(OwnForm.isSent(request, publicOrigin: TestWorld.origin()) == isOwn)
    }
}
