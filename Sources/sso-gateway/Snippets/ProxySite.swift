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

    let origin: WebOrigin
    let gateway: Address
    let app: Address
    /// The identity headers that this configuration sends, in their order.
    let identity: [String]
    /// Callback paths outside `/sso/`, each with and without its last slash.
    let callbacks: [String]
    /// PEM files, for proxies that do not fetch certificates themselves.
    let certificate: String
    let certificateKey: String

    init(
        _ settings: GatewaySettings, gateway: Address, app: Address, certificate: String? = nil,
        certificateKey: String? = nil
    ) throws(UnsupportedSite) {
        origin = settings.publicOrigin
        self.gateway = gateway
        self.app = app
        identity = IdentityHeaders(settings.headers).names
        callbacks = settings.integrations.map(\.callbackPath).filter { !$0.hasPrefix("/sso/") }.flatMap {
            [$0, $0 + "/"]
        }
        for path in callbacks
        where !path.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "/") }) {
            throw UnsupportedSite(
                description: "the callback path \(path) has characters that proxies read as their own")
        }
        self.certificate = certificate ?? "/etc/ssl/\(settings.publicOrigin.host)/fullchain.pem"
        self.certificateKey = certificateKey ?? "/etc/ssl/\(settings.publicOrigin.host)/key.pem"
    }

    var port: Int { origin.port ?? (origin.isSecure ? 443 : 80) }

    /// Where the proxy listens: an origin that never leaves the machine stays on loopback.
    var listen: String { origin.isLoopback ? "127.0.0.1:\(port)" : "\(port)" }

    /// Every other name under which an app might look for a person, or for another address than the one that was asked
    /// about: nobody sets them, so whatever comes under them is the client's.
    var foreign: [String] {
        let people = IdentityHeaderFamily.allCases.flatMap(\.names) + ["X-SSO-Login"]
        let requests = ProxyDialect.family.filter { !["X-Forwarded-Host", "X-Forwarded-Proto"].contains($0) }
        return people.filter { !identity.contains($0) } + requests + ["X-Forwarded-Prefix", "Forwarded"]
    }

    /// Whatever a client has no business to send.
    var cleared: [String] { identity + foreign }

    /// The session's cookie.
    var cookie: String { origin.isSecure ? "__Host-sso_session" : "sso_session" }

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
