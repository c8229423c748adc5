import HTTP
import OpenSSLCrypto
package import SecretMemory
import Untrusted

/// Who may change something through the admin listener: whoever reaches it, or, with a token, whoever bears that.
package struct AdminAccess: Sendable {
    private let token: SecretBytes?

    /// Nil for a listener that only this machine reaches.
    package init(token: SecretBytes?) { self.token = token }

    /// Why a request may not, or nil. A page in a browser on this machine reaches loopback too: it always sends
    /// `Origin` with a `POST` (Fetch standard, section 3.2), which no program does.
    func refusal(of request: HTTPRequest, _ id: RequestID) -> HTTPResponse? {
        let site = request.headers.lookUp(.secFetchSite)
        guard !request.headers.has(.origin), site == .absent || site == .one("none") else {
            return JSONReply.error(.forbidden, "browser", "Pages of other sites are not answered here.", id)
        }
        guard let token else {
            guard isMeantForLoopback(request) else {
                return JSONReply.error(.forbidden, "host", "Without an admin token, ask by a loopback name.", id)
            }
            return nil
        }
        guard case .one(let presented) = request.headers.lookUpBytes(.authorization), isBearer(presented, of: token)
        else {
            var response = JSONReply.error(.unauthorized, "admin_token", "The admin token is missing or wrong.", id)
            response.headers.append("WWW-Authenticate", "Bearer")
            return response
        }
        return nil
    }

    /// A page whose own name was made to lead to this machine (DNS rebinding) sends no `Origin` with a `GET`, but its name.
    private func isMeantForLoopback(_ request: HTTPRequest) -> Bool {
        if request.peer == .unixSocket { return true }
        let host = (request.headers[.host] ?? "").lowercasedASCII.string
        return WebOrigin("http://" + (host.hasSuffix(":80") ? String(host.dropLast(3)) : host))?.isLoopback ?? false
    }

    private func isBearer(_ presented: ArraySlice<UInt8>, of token: SecretBytes) -> Bool {
        let scheme = "Bearer "
        guard HTTPHeaders.equal(presented.prefix(scheme.utf8.count), scheme) else { return false }
        return constantTimeEqual(SecretBytes(presented.dropFirst(scheme.utf8.count)), token)
    }
}
