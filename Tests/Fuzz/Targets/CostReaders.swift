import Gateway
import HTTP
import JOSE
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// Something that reads text from outside, and ordinary inputs to compare with.
struct CostReader: Sendable {
    /// An ordinary input of any size: `piece` is repeated.
    struct Ordinary: Sendable {
        let start: String
        let piece: String
        let end: String

        func input(_ size: Int) -> [UInt8] {
            let count = max((size - start.utf8.count - end.utf8.count) / piece.utf8.count, 0)
            return Array((start + String(repeating: piece, count: count) + end).utf8)
        }
    }

    /// The first byte of an input that is for this reader.
    let letter: Unicode.Scalar
    let ordinary: [Ordinary]
    let read: @Sendable ([UInt8]) -> Void

    private init(
        _ letter: Unicode.Scalar, _ ordinary: [(String, String, String)], _ read: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.letter = letter
        self.ordinary = ordinary.map { Ordinary(start: $0.0, piece: $0.1, end: $0.2) }
        self.read = read
    }

    static let all: [CostReader] = [
        CostReader("p", paths) { send("/authz/nginx", headers: question(target: $0)) },
        CostReader("d", paths) {
            send("/authz/caddy", headers: question(.xForwardedMethod, .xForwardedURI, target: $0))
        },
        CostReader("e", paths) { path in
            var headers = HTTPHeaders()
            headers.append("Host", "app.partner.example")
            headers.append("X-Forwarded-Proto", "https")
            send("/authz/envoy", rest: path, headers: headers)
        },
        CostReader(
            "h", [("", "X-Name: value\n", ""), ("Accept: ", "text/html,", ""), ("User-Agent: ", "Mozilla ", "")]
        ) {
            lines in
            var headers = question(target: Array("/reports".utf8))
            for line in lines.split(separator: UInt8(ascii: "\n")).prefix(100) {
                let name = line.prefix { $0 != UInt8(ascii: ":") }
                let value = line.dropFirst(name.count + 1)
                headers.append(name.span, value.span, known: KnownHeader(name.span))
            }
            send("/authz/nginx", headers: headers)
        },
        CostReader("c", [("", "name=value; ", ""), ("__Host-sso_session=0a1b2c3d.", "QUJD", ""), ("a=", "b", "")]) {
            send("/sso/session", headers: fields(["Cookie"], $0))
            send("/sso/start", headers: fields(["Cookie"], $0))
        },
        CostReader("n", [("", "X-Name, ", ""), ("", "close,", ""), ("keep-alive, ", "n", "")]) { list in
            var headers = question(target: Array("/reports".utf8))
            headers.append("Connection".utf8.span, list.span, known: .connection)
            send("/authz/nginx", headers: headers)
        },
        CostReader("f", [("", "127.0.0.1, ", ""), ("", "192.0.2.1,", ""), ("", "2001:db8::1, ", "")]) {
            send("/sso/callback?code=x", headers: fields(["X-Forwarded-For"], $0))
        },
        CostReader("o", [("", "a", ""), ("https://", "app.", "example"), ("", "text/html, ", "")]) {
            for target in ["/sso/sign_out", "/sso/switch"] {
                send(target, .post, headers: fields(["Origin", "Sec-Fetch-Site", "Content-Type", "Cookie"], $0))
            }
        },
        CostReader("q", [("mode=sso&code=x&state=", "a", ""), ("rd=/", "reports/", ""), ("", "a=b&", "")]) {
            send("/sso/callback?", rest: $0)
            send("/sso/start?", rest: $0)
        },
        CostReader("b", [("ticket=", "a", "&answer=stay"), ("", "name=value&", ""), ("a=", "b+", "")]) { body in
            send("/sso/switch", .post, headers: ["Content-Type": "application/x-www-form-urlencoded"], body: body)
        },
        CostReader("w", webhooks) { body in
            let signature = HMACKey(FuzzGateway.clientSecret, digest: .sha1).code(for: SecretBytes(body))
            let text = signature.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            send("/sso/webhook", .post, headers: ["X-Vercel-Signature": text], body: body)
        },
        CostReader("a", [(#"{"session":""#, "a", #""}"#), (#"{"a":["#, "1,", "1]}")]) { body in
            guard let request = request("/admin/sessions/revoke", .post, body: body) else { return }
            _ = gateway.admin.answer(request)
        },
        CostReader("j", webhooks + [("[", #"{"a":"b"},"#, "1]"), ("[", #""name","#, "1]")]) { text in
            _ = try? JSONValue.parse(text)
            _ = try? JSONObject.parse(SecretBytes(text), withholding: ["credentials", "access_token"])
        },
        CostReader("s", [("eyJhbGciOiJFUzI1NiJ9.", "QUJD", ".QUJD"), ("eyJhbGciOiJSUzI1NiJ9.", "QUJD", ".QUJD")]) {
            KnownTokens.shared.present($0)
        },
        CostReader("k", [(#"{"keys":["#, ecKey + ",", ecKey + "]}"), (#"{"keys":["#, rsaKey + ",", ecKey + "]}")]) {
            KnownTokens.shared.judge(by: $0)
        },
        CostReader("t", [(#"{"iss":"https://marketplace.example.test","name":""#, "a", #""}"#)]) {
            SignedClaims.shared.check($0)
        },
        CostReader("u", [("", "QUJD", ""), ("", "_-09", "")]) { _ = Base64URL.decode($0) },
        CostReader("r", [("/", "reports/", ""), ("/", "{resource_id}/", "")]) {
            _ = try? RouteTemplate(String(decoding: $0, as: UTF8.self))
        },
    ]

    private static let paths = [("/", "reports/", ""), ("/part5/", "a", ""), ("/a?", "name=value&", "")]
    private static let webhooks = [
        (#"{"id":"a","type":"b","createdAt":1,"payload":["#, #"{"name":"value","count":1},"#, "1]}"),
        (#"{"id":"a","type":"b","createdAt":1,"payload":""#, "a", #""}"#),
    ]
    private static let ecKey = #"""
        {"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue6\#
        59LNpXW6pCyStikYjKIWI5a0"}
        """#
    private static let rsaKey = #"""
        {"kty":"RSA","kid":"b","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPME\#
        zP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA\#
        9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q\#
        2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}
        """#
}

/// Inputs as requests.
extension CostReader {
    private static let gateway = FuzzGateway.make(
        rules: RuleTable(
            (1...8).map {
                .init(
                    host: "app.partner.example", path: "/part\($0)/", methods: ["GET", "POST"],
                    verdict: .roles([.admin]))
            } + [
                .init(host: nil, path: "/Admin/users/", methods: nil, verdict: .roles([.admin])),
                .init(host: nil, path: "/public/", methods: nil, verdict: .anyone),
            ]))

    private static func question(
        _ method: KnownHeader = .xOriginalMethod, _ uri: KnownHeader = .xOriginalURI, target: [UInt8]
    ) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.append(method.name, "HEAD")
        headers.append(uri.name.utf8.span, target.span, known: uri)
        headers.append("X-Forwarded-Host", "app.partner.example")
        headers.append("X-Forwarded-Proto", "https")
        return headers
    }

    /// Nil where not even the target is one.
    private static func request(
        _ target: String, _ method: HTTPMethod, rest: [UInt8] = [], headers: HTTPHeaders = [:], body: [UInt8] = []
    ) -> HTTPRequest? {
        guard let target = try? RequestTarget(SecretBytes(Array(target.utf8) + rest)) else { return nil }
        return HTTPRequest(method: method, target: target, headers: headers, body: SecretBytes(body), peer: .unixSocket)
    }

    /// What is answered later is not waited for: by then the request has been read.
    private static func send(
        _ target: String, _ method: HTTPMethod = .get, rest: [UInt8] = [], headers: HTTPHeaders = [:],
        body: [UInt8] = []
    ) {
        guard let request = request(target, method, rest: rest, headers: headers, body: body) else { return }
        _ = gateway.answer(request)
    }

    /// One value under every name.
    private static func fields(_ names: [String], _ value: [UInt8]) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for name in names { headers.append(name.utf8.span, value.span, known: KnownHeader(name.utf8.span)) }
        return headers
    }
}
