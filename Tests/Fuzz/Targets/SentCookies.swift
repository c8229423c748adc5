import Gateway
import HTTP
import SecretMemory

/// Bytes as the `Cookie` header of a request to a gateway whose keys nobody has: whatever they are, cookies are found as
/// the grammar says and nobody is signed in.
final class SentCookies: Sendable {
    static let shared = SentCookies()
    private static let names = ["__Host-sso_session", "__Host-sso_failures", "a", ""]
    /// What is asked, and what a stranger is answered.
    private static let questions = [
        ("/sso/session", 401), ("/authz/nginx", 401), ("/sso/start", 303), ("/sso/sign_out", 200),
        ("/sso/callback?code=", 400),
    ]

    private let gateway = FuzzGateway.make()

    func send(_ bytes: [UInt8]) {
        // As a listener hands a head over.
        let name = "Cookie"
        let start = name.utf8.count + 1
        let cookies = HTTPHeaders(
            head: Array(name.utf8) + [0] + bytes + [0],
            [HTTPHeaders.Place(name: 0..<name.utf8.count, value: start..<start + bytes.count, known: .cookie)])
        for name in Self.names {
            let found = CookieHeader(cookies).lookUp(name)
            precondition(found == Self.lookUp(name, in: bytes))
        }
        for (target, status) in Self.questions {
            var headers = cookies
            headers.append("X-Original-Method", "GET")
            headers.append("X-Original-URI", "/reports")
            headers.append("X-Forwarded-Host", "app.partner.example")
            headers.append("X-Forwarded-Proto", "https")
            guard let target = try? RequestTarget(SecretBytes(target)) else { preconditionFailure("own target") }
            let request = HTTPRequest(
                method: .get, target: target, headers: headers, body: SecretBytes([]), peer: .unixSocket)
            guard case .now(let response) = gateway.answer(request) else {
                preconditionFailure("nobody waits for this")
            }
            precondition(response.status.rawValue == status)
            precondition(!String(decoding: response.body, as: UTF8.self).contains("user_id"))
        }
    }

    /// The grammar once more, as simply as it can be said.
    private static func lookUp(_ name: String, in bytes: [UInt8]) -> CookieHeader.Lookup {
        let pairs = bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { pair in
            pair.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        }
        let wanted = Array((name + "=").utf8)
        let values = pairs.filter { $0.starts(with: wanted) }.map { $0.dropFirst(wanted.count) }
        return values.isEmpty ? .absent : values.count == 1 ? .one(values[0]) : .several
    }
}
