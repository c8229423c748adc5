import HTTP
import OpenSSLCrypto
package import SecretMemory
import Untrusted

/// Which requests the admin listener answers. A browser on this machine or in this network can reach the listener, so
/// requests from web pages are refused.
package struct AdminAccess: Sendable {
    private let token: SecretBytes?

    /// `token`: nil where none is configured; then only a Unix socket may change anything.
    package init(token: SecretBytes?) { self.token = token }

    /// The refusal of a request that changes or lists something; nil for a permitted one. With a configured token the
    /// request must present it. Without one it must come through a Unix socket: an app that an attacker can make send
    /// requests (SSRF) reaches loopback addresses.
    func refusalToAdminister(_ context: RequestContext) -> HTTPResponse? {
        let (request, id) = (context.request, context.id)
        if let refusal = refusalOfPage(context) { return refusal }
        guard token != nil else {
            guard request.peer != .unixSocket else { return nil }
            return JSONReply.error(
                .forbidden, "admin_socket",
                "Without an admin_token_file, /admin/ is answered on the admin socket only: use --config, or --admin unix:PATH.",
                id)
        }
        guard bearsToken(request) else {
            var response = JSONReply.error(.unauthorized, "admin_token", "The admin token is missing or wrong.", id)
            response.headers.append("WWW-Authenticate", "Bearer")
            return response
        }
        return nil
    }

    /// The refusal of a request for the metrics; nil for a permitted one. With a configured token the request must present
    /// it; without one its `Host` must be a loopback name.
    func refusalToScrape(_ context: RequestContext) -> HTTPResponse? {
        let (request, id) = (context.request, context.id)
        guard token == nil else { return refusalToAdminister(context) }
        if let refusal = refusalOfPage(context) { return refusal }
        guard request.peer == .unixSocket || Self.host(of: request)?.isLoopback == true else {
            return JSONReply.error(.forbidden, "host", "Without an admin token, use a loopback name.", id)
        }
        return nil
    }

    /// The refusal of a request for the gateway's state; nil for a permitted one. A page that uses DNS rebinding sends no
    /// `Origin` with a `GET`, but its own name in `Host`. Probes of containers use an IP address, which is permitted.
    func refusalToRead(_ context: RequestContext) -> HTTPResponse? {
        let (request, id) = (context.request, context.id)
        if let refusal = refusalOfPage(context) { return refusal }
        // Every browser sends a `Host`; the listener accepts HTTP/1.0 requests without one.
        let isNameless = request.headers.lookUp(.host) == .absent
        let isByAddress = Self.host(of: request).map { $0.isLoopback || $0.isAddress } ?? false
        guard request.peer == .unixSocket || isNameless || isByAddress || bearsToken(request) else {
            return JSONReply.error(
                .forbidden, "host", "Use an IP address or localhost as the host, or send the admin token.", id)
        }
        return nil
    }

    /// Browsers always send `Origin` with a `POST` (Fetch standard, section 3.2); other programs do not.
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
