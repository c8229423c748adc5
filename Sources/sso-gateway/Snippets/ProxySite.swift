import Gateway
import HTTP
import MicroHTTPServer

/// The values of a proxy's block: addresses, hosts and headers.
struct ProxySite: Sendable {
    /// An address that a proxy on this machine connects to.
    enum Address: Sendable, Equatable {
        case tcp(host: String, port: UInt16)
        case unixSocket(String)

        /// Reads `host:port` or `unix:/path`. Nil for other characters, which have a meaning in some proxy's configuration.
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

        /// The address of a listener for a proxy on this machine. Nil for an inherited socket, whose address is unknown.
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

    /// A host of the configuration, in canonical form. Each has its own site in the block, which sends this name to the
    /// gateway and the app instead of the client's spelling.
    struct Host: Sendable {
        let name: String
        /// With the port, if browsers send one.
        let authority: String
        /// Prefixes of the paths that the gateway answers on this host.
        let gatewayPrefixes: [String]
        /// Other exact paths that the gateway answers: the assertion's keys, callbacks and the addresses of standard logins
        /// (with and without a trailing slash), and webhooks.
        let gatewayPaths: [String]
    }

    let origin: WebOrigin
    /// The public host first, then the hosts of the rules.
    let hosts: [Host]
    let gateway: Address
    let app: Address
    /// The names of the identity headers in this configuration.
    let identity: [String]
    /// Paths of PEM files.
    let certificate: String
    let certificateKey: String
    /// Whether both were given. Without them, Caddy fetches a certificate itself.
    let hasCertificate: Bool
    /// A free port on 127.0.0.1, for Traefik, which sends its decision requests through itself.
    let innerPort: UInt16

    init(
        _ settings: GatewaySettings, gateway: Address, app: Address, certificate: String? = nil,
        certificateKey: String? = nil, innerPort: UInt16 = 4190
    ) throws(UnsupportedSite) {
        origin = settings.publicOrigin
        let callbacks = settings.integrations.flatMap(\.browserPaths).flatMap { [$0, $0 + "/"] }
        let elsewhere = (callbacks + settings.integrations.map(\.webhookPath)).filter { !$0.hasPrefix("/sso/") }
        for path in elsewhere
        where !path.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "/") }) {
            throw UnsupportedSite(description: "the path \(path) has characters with a meaning in proxy configurations")
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

    /// The value of `X-Forwarded-Proto`.
    var scheme: String { origin.isSecure ? "https" : "http" }

    /// The address to listen on for an origin on this machine; nil for every address.
    var loopback: String? { origin.isLoopback ? origin.host == "[::1]" ? "::1" : "127.0.0.1" : nil }

    /// Headers that the app must not get from the client: the block sets or removes each of them.
    var cleared: [String] { identity + foreign }

    /// Other headers from which an app may read a member, the address or method of a request, or its origin.
    var foreign: [String] {
        let people =
            IdentityHeaderFamily.allCases.flatMap(\.names) + [
                "X-SSO-Login", "X-SSO-Page", "X-SSO-User", Self.proof, "X-Remote-User", "X-Auth-Request-Access-Token",
                "X-Forwarded-Access-Token",
            ]
        let requests = ProxyDialect.family.filter { !Self.set.contains($0) }
        return people.filter { !identity.contains($0) } + requests + Self.origins + Self.overrides + Self.connection
    }

    /// Headers that every block sets from the connection and the site.
    static let set = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"]

    /// Prefixes of header names that only a proxy or the gateway writes. Proxies that can clear by prefix clear them all.
    static let families = ["Remote-", "X-Auth-Request-", "X-Envoy-", "X-Forwarded", "X-Original-", "X-SSO-"]

    /// The cleared headers that no family contains.
    var clearedBesideFamilies: [String] {
        cleared.filter { name in !Self.families.contains { name.hasPrefix($0) } }
    }

    /// Headers of other proxies and of frameworks about a request's origin.
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

    /// Headers that frameworks read as another method, host or path than the gateway decided about (RT-109), and headers
    /// that make some frameworks answer with a file path for nginx to serve.
    private static let overrides = [
        "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "X-Method", "X-HTTP-Host-Override",
        "X-HTTP-Path-Override", "X-Sendfile-Type", "X-Accel-Mapping",
    ]

    /// Connection-specific headers (RFC 9110 section 7.6.1). `Connection` and `Upgrade` are absent, because each block
    /// writes them itself.
    private static let connection = ["HTTP2-Settings", "Keep-Alive", "Proxy-Connection", "TE", "Trailer"]

    /// The name of the session cookie.
    var cookie: String { origin.isSecure ? "__Host-sso_session" : "sso_session" }

    /// Every answer that allows a request has `X-SSO-Decision: allowed`. A 2xx without it is from another program at the
    /// gateway's address.
    static let proof = AllowedResponses.proof.name

    /// The characters of header names (RFC 9110 section 5.6.2) beside letters, digits and `-`. CGI-like programs turn each
    /// of them into `_`, so that `X.SSO.Role` becomes `X-SSO-Role`.
    static let aliasCharacters = "!#$%&'*+.^_`|~"

    /// The client's headers that a decision request contains.
    static let forwarded = ["Cookie", "Accept", "Sec-Fetch-Mode", "X-Requested-With", "Upgrade"]
}

/// A value of the configuration that the proxy's configuration cannot express.
struct UnsupportedSite: Error, CustomStringConvertible {
    let description: String
}
