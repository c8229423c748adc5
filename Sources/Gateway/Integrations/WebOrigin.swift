import HTTP

/// Scheme, host and port of an address (RFC 6454), in the one spelling that browsers send: lower case, no default
/// port, no trailing slash.
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    package let isSecure: Bool
    package let host: String
    package let port: Int?

    /// Reads `https://app.example` or `http://localhost:8080`; nil for a path, user name, empty host, upper case,
    /// default port or anything else that has a second spelling.
    package init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        switch text[..<colon.lowerBound] {
        case "https": isSecure = true
        case "http": isSecure = false
        default: return nil
        }
        let authority = text[colon.upperBound...]
        let split = Self.splitPort(authority)
        guard let split else { return nil }
        host = String(split.host)
        guard Self.isHost(host.utf8.span) else { return nil }
        switch split.port {
        case nil: port = nil
        case let digits?:
            guard let number = Int(digits), (1...65_535).contains(number), "\(number)" == digits,
                number != (isSecure ? 443 : 80)
            else { return nil }
            port = number
        }
    }

    package var description: String {
        "\(isSecure ? "https" : "http")://\(authority)"
    }

    /// What a browser puts into `Host`.
    package var authority: String { port.map { "\(host):\($0)" } ?? host }

    /// Whether the host is this machine, so that `http://` to it crosses no network.
    package var isLoopback: Bool { host == "localhost" || address?.isLoopback == true }

    /// Whether the host is an IP address.
    var isAddress: Bool { address != nil }

    private var address: IPAddress? { IPAddress(host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host) }

    private static func splitPort(_ authority: Substring) -> (host: Substring, port: Substring?)? {
        guard let end = authority.lastIndex(of: ":"), authority.last != "]" else { return (authority, nil) }
        return (authority[..<end], authority[authority.index(after: end)...])
    }

    /// A name or address in the one spelling that this type allows.
    static func isHost(_ host: Span<UInt8>) -> Bool {
        if host.count >= 2, host[0] == UInt8(ascii: "["), host[host.count - 1] == UInt8(ascii: "]") {
            let address = host.extracting(1..<host.count - 1)
            return IPAddress(String(decoding: address.indices.map { address[$0] }, as: UTF8.self)) != nil
        }
        guard host.count <= 253, HostSyntax.isLowerCaseName(host) else { return false }
        var start = 0
        while start <= host.count {
            let end = host.firstIndex(of: UInt8(ascii: "."), from: start)
            guard isLabel(host.extracting(start..<end)) else { return false }
            start = end + 1
        }
        return true
    }

    private static func isLabel(_ label: Span<UInt8>) -> Bool {
        (1...63).contains(label.count) && label[0] != UInt8(ascii: "-")
            && label[label.count - 1] != UInt8(ascii: "-")
    }
}
