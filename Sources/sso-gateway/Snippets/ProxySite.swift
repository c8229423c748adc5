import Gateway
import HTTP
import MicroHTTPServer

/// What a proxy's block is made from: who listens where, and which headers tell who asks.
struct ProxySite: Sendable {
    /// An address that a proxy on this machine connects to.
    enum Address: Sendable, Equatable {
        case tcp(host: String, port: UInt16)
        case unixSocket(String)

        /// Reads `host:port` or `unix:/path`; nil for anything that could mean more than an address to some proxy.
        init?(_ text: String) {
            let isPlain = text.utf8.allSatisfy { PercentEncoding.isUnreserved($0) || "/:[]".utf8.contains($0) }
            guard isPlain else { return nil }
            if text.hasPrefix("unix:/") {
                self = .unixSocket(String(text.dropFirst("unix:".count)))
            } else {
                guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
                    port > 0,
                    let host = OriginalRequest.canonical(String(text[..<colon]))
                else { return nil }
                self = .tcp(host: host.filter { !"[]".contains($0) }, port: port)
            }
        }

        /// Where a proxy on this machine reaches a listener; nil for an inherited socket, whose address nobody knows.
        init?(listening address: ListenAddress) {
            switch address {
            case .tcp(let host, let port):
                self = .tcp(
                    host: ["0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"][host] ?? host, port: port)
            case .unix(let path, _): self = .unixSocket(path)
            case .inherited: return nil
            }
        }

        /// `127.0.0.1:4180` or `[::1]:4180`; nil for a socket file.
        var hostAndPort: String? {
            guard case .tcp(let host, let port) = self else { return nil }
            return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    /// One host that the configuration knows, in canonical form. Each has a site of its own in the block, which sends the
    /// gateway and the app this name, whatever the client wrote.
    struct Host: Sendable {
        let name: String
        /// With the port, where a browser sends one.
        let authority: String
        /// What the gateway answers itself here: everything below these…
        let gatewayPrefixes: [String]
        /// …and exactly these: the assertion's keys, and callbacks (with and without a last slash) and webhooks elsewhere.
        let gatewayPaths: [String]
    }

    let origin: WebOrigin
    /// The public host first, then those that rules name.
    let hosts: [Host]
    let gateway: Address
    let app: Address
    /// The identity headers that this configuration sends, in their order.
    let identity: [String]
    /// PEM files, for proxies that do not fetch certificates themselves.
    let certificate: String
    let certificateKey: String
    /// Whether these two were given: a proxy that fetches certificates itself does so otherwise.
    let hasCertificate: Bool
    /// A free port on 127.0.0.1, for a proxy that asks the gateway through itself.
    let innerPort: UInt16

    init(
        _ settings: GatewaySettings, gateway: Address, app: Address, certificate: String? = nil,
        certificateKey: String? = nil, innerPort: UInt16 = 4190
    ) throws(UnsupportedSite) {
        origin = settings.publicOrigin
        let callbacks = settings.integrations.map(\.callbackPath).flatMap { [$0, $0 + "/"] }
        let elsewhere = (callbacks + settings.integrations.map(\.webhookPath)).filter { !$0.hasPrefix("/sso/") }
        for path in elsewhere
        where !path.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "/") }) {
            throw UnsupportedSite(description: "the path \(path) has characters that proxies read as their own")
        }
        let port = settings.publicOrigin.port.map { ":\($0)" } ?? ""
        let others = Set(settings.rules.rules.compactMap(\.host)).subtracting([settings.publicOrigin.host]).sorted()
        hosts =
            [
                Host(
                    name: settings.publicOrigin.host, authority: settings.publicOrigin.authority,
                    gatewayPrefixes: ["/sso/", InstallationCall.prefix], gatewayPaths: [AssertionKeys.path] + elsewhere)
            ]
            + others.map {
                Host(
                    name: $0, authority: $0 + port, gatewayPrefixes: ["/sso/"], gatewayPaths: [])
            }
        self.gateway = gateway
        self.app = app
        identity = IdentityHeaders(settings.headers).names
        self.certificate = certificate ?? "/etc/ssl/\(settings.publicOrigin.host)/fullchain.pem"
        hasCertificate = certificate != nil && certificateKey != nil
        self.innerPort = innerPort
        self.certificateKey = certificateKey ?? "/etc/ssl/\(settings.publicOrigin.host)/key.pem"
    }

    var port: Int { origin.port ?? (origin.isSecure ? 443 : 80) }

    /// What the gateway and the app are told as `X-Forwarded-Proto`.
    var scheme: String { origin.isSecure ? "https" : "http" }

    /// The address of an origin that never leaves the machine; nil for one that listens everywhere.
    var loopback: String? { origin.isLoopback ? origin.host == "[::1]" ? "::1" : "127.0.0.1" : nil }

    /// Headers that a client must not set for the app: the block sets each of these or removes it.
    var cleared: [String] { identity + foreign }

    /// Every other name under which an app might look for a person, for the address or the method of a request, or for
    /// where it came from.
    var foreign: [String] {
        let people =
            IdentityHeaderFamily.allCases.flatMap(\.names) + [
                "X-SSO-Login", "X-SSO-User", Self.proof, "X-Remote-User", "X-Auth-Request-Access-Token",
                "X-Forwarded-Access-Token",
            ]
        let requests = ProxyDialect.family.filter { !Self.set.contains($0) }
        return people.filter { !identity.contains($0) } + requests + Self.origins + Self.overrides + Self.connection
    }

    /// What every block sets itself, from the connection and the site.
    static let set = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"]

    /// What the names begin with that only a proxy or the gateway writes. Where a proxy can clear them all, it does.
    static let families = ["Remote-", "X-Auth-Request-", "X-Envoy-", "X-Forwarded", "X-Original-", "X-SSO-"]

    /// What is to be cleared and belongs to no family.
    var clearedBesideFamilies: [String] {
        cleared.filter { name in !Self.families.contains { name.hasPrefix($0) } }
    }

    /// Where a request came from, in the words of other proxies and of frameworks.
    private static let origins = [
        "Forwarded", "Forwarded-Host", "Forwarded-Proto", "X-Forwarded", "X-Forwarded-Request-Uri", "X-Forwarded-By",
        "X-Forwarded-Path", "X-Forwarded-Port", "X-Forwarded-Prefix",
        "X-Forwarded-Protocol", "X-Forwarded-Scheme", "X-Forwarded-Server", "X-Forwarded-Ssl",
        "X-Forwarded-Tls-Client-Cert", "X-Forwarded-Tls-Client-Cert-Info", "X-Real-Ip", "X-Client-Ip",
        "X-Originating-Ip", "X-Remote-Addr",
        "X-Cluster-Client-Ip", "True-Client-Ip", "Client-Ip", "CF-Connecting-Ip", "Fastly-Client-Ip", "X-Host",
        "X-Original-Host", "X-Original-Path", "X-Original-For", "X-Original-Proto", "X-Original-Prefix",
        "X-ProxyUser-Ip", "Proxy-Client-Ip", "WL-Proxy-Client-Ip", "X-Scheme",
        "X-Url-Scheme", "Front-End-Https", "Script-Name", "X-Script-Name", "Path-Info", "X-Path-Info", "Proxy",
        "X-Envoy-External-Address", "X-Envoy-Original-Path", "X-Envoy-Original-Host", "X-Forwarded-Client-Cert",
    ]

    /// What frameworks take for a method, host or path that the gateway did not decide about (RT-109), and what makes some
    /// answer with a path for nginx to serve instead.
    private static let overrides = [
        "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "X-Method", "X-HTTP-Host-Override",
        "X-HTTP-Path-Override", "X-Sendfile-Type", "X-Accel-Mapping",
    ]

    /// What is between the client and the proxy alone (RFC 9110 section 7.6.1). `Connection` and `Upgrade` are not here:
    /// each block writes them itself in one place.
    private static let connection = ["HTTP2-Settings", "Keep-Alive", "Proxy-Connection", "TE", "Trailer"]

    /// The session's cookie.
    var cookie: String { origin.isSecure ? "__Host-sso_session" : "sso_session" }

    /// Every answer of the gateway's that lets a request through has `X-SSO-Decision: allowed`. A 2xx without it is
    /// from another program at the gateway's address.
    static let proof = AllowedResponses.proof.name

    /// What is left of a header name's alphabet (RFC 9110 section 5.6.2) beside letters, digits and `-`. Programs that
    /// hand headers on as variables turn each into `_`, so that `X.SSO.Role` is one more `X-SSO-Role`.
    static let aliasCharacters = "!#$%&'*+.^_`|~"

    /// The headers of a client that the gateway needs for its answer.
    static let asked = ["Cookie", "Accept", "Sec-Fetch-Mode", "X-Requested-With", "Upgrade"]
}

/// What no proxy, or not this one, can be told.
struct UnsupportedSite: Error, CustomStringConvertible {
    let description: String
}
