import HTTP
import OpenSSLCrypto
package import SecretMemory
import Untrusted

/// Which requests the admin listener answers. A web page must not be one of those that ask, although a browser on this
/// machine or in this network reaches the listener.
package struct AdminAccess: Sendable {
    private let token: SecretBytes?

    /// Nil for a listener that only this machine reaches.
    package init(token: SecretBytes?) { self.token = token }

    /// Why a request may neither change nor list anything, or nil: with a token it has to bear that, without one it has to
    /// name this machine.
    func refusalToChange(_ context: RequestContext) -> HTTPResponse? {
        let (request, id) = (context.request, context.id)
        if let refusal = refusalOfPage(context) { return refusal }
        guard token != nil else {
            guard request.peer == .unixSocket || Self.host(of: request)?.isLoopback == true else {
                return JSONReply.error(.forbidden, "host", "Without an admin token, ask by a loopback name.", id)
            }
            return nil
        }
        guard bearsToken(request) else {
            var response = JSONReply.error(.unauthorized, "admin_token", "The admin token is missing or wrong.", id)
            response.headers.append("WWW-Authenticate", "Bearer")
            return response
        }
        return nil
    }

    /// Why a request may not learn how the gateway is, or nil. A page whose own name was made to lead here (DNS rebinding)
    /// sends no `Origin` with a `GET`, but that name. So an address will do, which is what probes of containers ask by.
    func refusalToRead(_ context: RequestContext) -> HTTPResponse? {
        let (request, id) = (context.request, context.id)
        if let refusal = refusalOfPage(context) { return refusal }
        // The listener takes no HTTP/1.1 request without a Host, and every browser sends one.
        let isNameless = request.headers.lookUp(.host) == .absent
        let isByAddress = Self.host(of: request).map { $0.isLoopback || $0.isAddress } ?? false
        guard request.peer == .unixSocket || isNameless || isByAddress || bearsToken(request) else {
            return JSONReply.error(
                .forbidden, "host", "Ask by an IP address or as localhost, or bear the admin token.", id)
        }
        return nil
    }

    /// A page always sends `Origin` with a `POST` (Fetch standard, section 3.2), which no program does.
    private func refusalOfPage(_ context: RequestContext) -> HTTPResponse? {
        let (request, id) = (context.request, context.id)
        let site = request.headers.lookUp(.secFetchSite)
        guard request.headers.has(.origin) || !(site == .absent || site == .one("none")) else { return nil }
        return JSONReply.error(.forbidden, "browser", "Pages of other sites are not answered here.", id)
    }

    private static func host(of request: HTTPRequest) -> WebOrigin? {
        let host = (request.headers[.host] ?? "").lowercasedASCII.string
        return WebOrigin("http://" + (host.hasSuffix(":80") ? String(host.dropLast(3)) : host))
    }

    private func bearsToken(_ request: HTTPRequest) -> Bool {
        guard let token, case .one(let presented) = request.headers.lookUpBytes(.authorization) else { return false }
        return isBearer(presented, of: token)
    }

    private func isBearer(_ presented: ArraySlice<UInt8>, of token: SecretBytes) -> Bool {
        let scheme = "Bearer "
        guard HTTPHeaders.equal(presented.prefix(scheme.utf8.count), scheme) else { return false }
        return constantTimeEqual(SecretBytes(presented.dropFirst(scheme.utf8.count)), token)
    }
}
