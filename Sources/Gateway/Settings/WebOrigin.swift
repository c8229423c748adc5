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
        guard let split, Self.isHost(split.host) else { return nil }
        host = String(split.host)
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

    /// A host that never leaves the machine, so that `http://` to it is not on a wire.
    package var isLoopback: Bool {
        if host == "localhost" { return true }
        return IPAddress(host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host)?.isLoopback ?? false
    }

    private static func splitPort(_ authority: Substring) -> (host: Substring, port: Substring?)? {
        guard let end = authority.lastIndex(of: ":"), authority.last != "]" else { return (authority, nil) }
        return (authority[..<end], authority[authority.index(after: end)...])
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") { return IPAddress(String(host.dropFirst().dropLast())) != nil }
        guard !host.isEmpty, host.utf8.count <= 253 else { return false }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }
}
