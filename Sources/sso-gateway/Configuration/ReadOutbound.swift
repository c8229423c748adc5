import CurlHTTPClient
import Gateway
import HTTP

/// The `outbound` section: how the gateway reaches other servers.
enum ReadOutbound {
    static func proxy(_ section: MappingReader) -> ForwardProxy? {
        let hasProxy = section.remainingNames.contains("proxy")
        let url = section.value(
            "proxy", "`http://`, `https://` or `socks5h://` with a host and a port, and no path", proxyURL)
        let secret = SecretSetting.readFile("proxy_credentials", section)
        section.finish()
        guard let secret else { return url.map { ForwardProxy(url: $0, credentials: nil) } }
        guard let credentials = ForwardProxy.Credentials(secret) else {
            section.missing("proxy_credentials_file", "must hold `user:password`, each of 1 to 255 bytes")
            return nil
        }
        guard let url else {
            if !hasProxy { section.missing("proxy", "is missing: proxy_credentials_file is for it") }
            return nil
        }
        return ForwardProxy(url: url, credentials: credentials)
    }

    /// The port is required, because libcurl's default (1080) is no one's expectation for an http proxy. A user name and a
    /// password are refused: addresses are shown in messages.
    private static func proxyURL(_ text: String) -> String? {
        for scheme in ForwardProxy.Scheme.allCases {
            let prefix = scheme.rawValue + "://"
            guard text.hasPrefix(prefix) else { continue }
            let authority = text.dropFirst(prefix.count)
            guard let colon = authority.lastIndex(of: ":"), let host = WebOrigin("https://" + authority[..<colon]),
                host.port == nil, let port = UInt16(authority[authority.index(after: colon)...]), port > 0,
                text == "\(prefix)\(host.authority):\(port)"
            else { return nil }
            return text
        }
        return nil
    }
}
