import Gateway
import HTTP
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// A request as a listener hands it over: a line with method and target, lines with headers, an empty line, a body. The
/// value `valid` of `X-Vercel-Signature` is replaced by the body's signature. Nobody is signed in, so no decision allows
/// anything, no response opens a session, and no redirect leads elsewhere.
final class SentRequests: Sendable {
    static let shared = SentRequests()

    private let gateway = FuzzGateway.make()

    func send(_ bytes: [UInt8]) {
        guard let request = Self.request(bytes) else { return }
        guard case .now(let response) = gateway.answer(request) else { return }
        let path = request.target.path
        let isDecision = path.hasPrefix("/authz/") || path.hasPrefix("/oauth2/auth")
        precondition(!isDecision || !(200..<300).contains(response.status.rawValue), "a stranger is allowed")
        for field in response.headers.fields {
            precondition(field.value.utf8.allSatisfy { (0x20...0x7e).contains($0) }, "\(field.name)")
        }
        for cookie in response.headers.all("Set-Cookie") where cookie.hasPrefix("__Host-sso_session=") {
            precondition(cookie.hasPrefix("__Host-sso_session=;"), "a session for a stranger")
        }
        if let location = response.headers["Location"] {
            let homes = ["/sso/", "https://app.partner.example/sso/", "https://vercel.com/sso/integrations/acme"]
            precondition(homes.contains { location.hasPrefix($0) }, "\(location)")
        }
    }

    private static func request(_ bytes: [UInt8]) -> HTTPRequest? {
        var rest = bytes[...]
        func line() -> ArraySlice<UInt8> {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(line.count + 1)
            return line
        }
        let first = line().split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        guard first.count == 2, let method = HTTPMethod(Array(first[0]).span),
            let target = try? RequestTarget(SecretBytes(Array(first[1])))
        else { return nil }
        var fields: [(name: [UInt8], value: [UInt8])] = []
        while !rest.isEmpty, case let field = line(), !field.isEmpty {
            let parts = field.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            // The listener refuses control bytes, and drops blanks around a value.
            guard parts.count == 2, parts[1].allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return nil }
            fields.append((Array(parts[0]), Array(parts[1].drop { $0 == UInt8(ascii: " ") })))
        }
        let body = SecretBytes(Array(rest))
        var headers = HTTPHeaders()
        for (name, value) in fields {
            let known = KnownHeader(name.span)
            if known == .xVercelSignature, value == Array("valid".utf8) {
                headers.append(
                    "X-Vercel-Signature",
                    HMACKey(FuzzGateway.clientSecret, digest: .sha1).code(for: body).hexadecimal)
            } else {
                headers.append(name.span, value.span, known: known)
            }
        }
        return HTTPRequest(method: method, target: target, headers: headers, body: body, peer: .unixSocket)
    }
}
