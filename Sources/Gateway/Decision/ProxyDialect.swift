import HTTP
import SecretMemory
import Untrusted

/// How one kind of proxy describes the original request, and which answers it understands. An endpoint reads only the
/// headers of its own dialect and refuses those of others.
package struct ProxyDialect: Sendable {
    /// Where one fact about the original request is found.
    enum Source: Sendable, Equatable {
        case header(KnownHeader)
        /// Of the decision request itself: its method, its `Host`, or what follows the endpoint in its target.
        case decisionRequest
    }

    /// The answer for a browser that has to sign in.
    enum SignInAnswer: Sendable {
        /// 401, because the proxy hides a redirect; the address is in `X-SSO-Login`.
        case header
        /// 302 to a path of this origin.
        case redirect
        /// 302 to the whole address, where the proxy resolves a path against the decision request's address.
        case absoluteRedirect
    }

    /// The address of decision requests; Envoy appends the original target.
    package let endpoint: String
    let method: Source
    let target: Source
    let host: Source
    let scheme = KnownHeader.xForwardedProto
    let schemes: [String]
    let signIn: SignInAnswer
    /// The status of a refused decision request.
    let refusal: HTTPStatus

    private init(
        _ endpoint: String, method: Source, target: Source, host: Source = .header(.xForwardedHost),
        schemes: [String] = ["http", "https"], signIn: SignInAnswer, refusal: HTTPStatus = .badRequest
    ) {
        self.endpoint = endpoint
        self.method = method
        self.target = target
        self.host = host
        self.schemes = schemes
        self.signIn = signIn
        self.refusal = refusal
        let headers = [method, target, host].compactMap { if case .header(let header) = $0 { header } else { nil } }
        own = (headers + [scheme]).map(\.name)
        let ownNames = HeaderNames(own)
        foreign = HeaderCondition { Self.familyNames.contains($0) && !ownNames.contains($0) }
    }

    /// `auth_request` with the headers that our snippet sets. nginx turns every status but 2xx, 401 and 403 into a 500.
    /// <https://nginx.org/en/docs/http/ngx_http_auth_request_module.html>
    static let nginx = ProxyDialect(
        "/authz/nginx", method: .header(.xOriginalMethod), target: .header(.xOriginalURI), signIn: .header,
        refusal: .forbidden)
    /// The same under oauth2-proxy's address.
    static let oauth2Proxy = ProxyDialect(
        "/oauth2/auth", method: .header(.xOriginalMethod), target: .header(.xOriginalURI), signIn: .header,
        refusal: .forbidden)
    /// The ForwardAuth middleware. It calls a WebSocket's scheme `ws` or `wss`.
    /// <https://doc.traefik.io/traefik/middlewares/http/forwardauth/>
    static let traefik = ProxyDialect(
        "/authz/traefik", method: .header(.xForwardedMethod), target: .header(.xForwardedURI),
        schemes: ["http", "https", "ws", "wss"], signIn: .absoluteRedirect)
    /// `forward_auth`. <https://caddyserver.com/docs/caddyfile/directives/forward_auth>
    static let caddy = ProxyDialect(
        "/authz/caddy", method: .header(.xForwardedMethod), target: .header(.xForwardedURI), signIn: .redirect)
    /// Our script, in Caddy's words.
    static let haproxy = ProxyDialect(
        "/authz/haproxy", method: .header(.xForwardedMethod), target: .header(.xForwardedURI), signIn: .redirect)
    /// The `ext_authz` filter with `path_prefix`: the decision request is the original request's own head.
    /// <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter>
    static let envoy = ProxyDialect(
        "/authz/envoy", method: .decisionRequest, target: .decisionRequest, host: .decisionRequest, signIn: .redirect)

    /// For the log.
    var name: String {
        endpoint == Self.oauth2Proxy.endpoint ? "oauth2-proxy" : String(endpoint.dropFirst("/authz/".count))
    }

    /// The status of an allowed response.
    var allowed: HTTPStatus { endpoint == Self.oauth2Proxy.endpoint ? .accepted : .ok }

    static let all = [nginx, oauth2Proxy, traefik, caddy, haproxy, envoy]

    /// Headers with which proxies and frameworks describe the original request. One that the dialect does not use can only
    /// come from the client, and an application might trust it.
    package static let family = [
        "X-Original-Method", "X-Original-URI", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Method",
        "X-Forwarded-Uri", "X-Forwarded-Host", "X-Forwarded-Proto",
    ]
    private static let familyNames = HeaderNames(family, folding: .variables)

    /// The headers of the family that this dialect reads.
    let own: [String]
    /// Matches the other headers of the family, and other spellings of the dialect's own.
    private let foreign: HeaderCondition

    func read(_ request: HTTPRequest) throws(OriginalRequest.Refusal) -> OriginalRequest {
        let headers = request.headers
        for index in 0..<headers.count where foreign.holds(headers, at: index) {
            throw .foreign(String(decoding: headers.name(at: index), as: UTF8.self))
        }
        try checkConnection(headers)
        var text = headers.bytes
        let method = try place(of: method, headers) { text.put(request.method.rawValue.utf8) }
        let scheme = try place(of: scheme, headers)
        guard schemes.contains(where: { text[scheme].elementsEqual($0.utf8) }) else {
            throw .scheme
        }
        let host = try place(of: host, headers) { () throws(OriginalRequest.Refusal) in try place(of: .host, headers) }
        let target = try place(of: target, headers) { () throws(OriginalRequest.Refusal) in
            text.put(try behindEndpoint(request.target))
        }
        return try OriginalRequest(text, method: method, host: host, target: target)
    }

    private func place(
        of source: Source, _ headers: HTTPHeaders, decisionRequest: () throws(OriginalRequest.Refusal) -> Range<Int>
    ) throws(OriginalRequest.Refusal) -> Range<Int> {
        if case .header(let header) = source { try place(of: header, headers) } else { try decisionRequest() }
    }

    private func place(of header: KnownHeader, _ headers: HTTPHeaders) throws(OriginalRequest.Refusal) -> Range<Int> {
        switch headers.lookUpPlace(header) {
        case .absent: throw .missing(header.name)
        case .several: throw .repeated(header.name)
        case .one(let place): return place
        }
    }

    /// Undecoded.
    private func behindEndpoint(_ target: RequestTarget) throws(OriginalRequest.Refusal) -> [UInt8] {
        guard let path = target.rawPath.dropping(prefix: endpoint), path.hasPrefix("/") else {
            throw .path(.notAPath)
        }
        return path.bytes + (target.query.map { [UInt8(ascii: "?")] + $0.exposedBytes } ?? [])
    }

    /// Proxies drop the headers that `Connection` lists (RFC 9110 section 7.6.1), so it must not list those that the decision
    /// depends on.
    private func checkConnection(_ headers: HTTPHeaders) throws(OriginalRequest.Refusal) {
        guard headers.has(.connection) else { return }
        for list in headers.all(.connection) {
            for name in list.split(whereSeparator: { ", \t".utf8.contains($0) }) {
                guard Self.familyNames.contains(name.span) || Self.alsoRead.contains(name.span) else { continue }
                throw .hopByHop(String(decoding: name, as: UTF8.self))
            }
        }
    }

    private static let alsoRead = HeaderNames(
        ["Host", "Cookie", "Accept", "X-Requested-With", "Sec-Fetch-Mode"], folding: .variables)
}
