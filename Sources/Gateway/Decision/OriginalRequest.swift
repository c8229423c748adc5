import HTTP

/// The request that a proxy asks about, read from its own headers and from nothing else.
package struct OriginalRequest: Sendable, Equatable {
    package enum Refusal: Error, Sendable, Equatable {
        case missing(String)
        case doubled(String)
        /// A header that only another dialect uses, or another spelling of one of ours.
        case foreign(String)
        /// `Connection` asks to drop a header that decides.
        case hopByHop(String)
        case scheme
        case method
        case host
        case path(PlainPath.Refusal)
        /// Another row would decide for a server that reads the path otherwise.
        case otherReading

        /// A stable word for logs and answers.
        package var reason: String {
            switch self {
            case .missing(let name): "missing_\(name.lowercased())"
            case .doubled(let name): "doubled_\(name.lowercased())"
            case .foreign: "foreign_header"
            case .hopByHop: "hop_by_hop_header"
            case .method: "method"
            case .scheme: "scheme"
            case .host: "host"
            case .path(let refusal): refusal.rawValue
            case .otherReading: "other_reading"
            }
        }
    }

    package let method: String
    /// Lower case, without port and trailing dot.
    package let host: String
    package let path: PlainPath
    /// Path and query as the client sent them, for the way back after signing in.
    package let target: String

    package init(method: String, host: String, target: String) throws(Refusal) {
        guard (1...24).contains(method.utf8.count),
            method.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: "-") })
        else { throw .method }
        guard let host = Self.canonical(host) else { throw .host }
        do { path = try PlainPath(target: target) } catch { throw .path(error) }
        self.method = method
        self.host = host
        self.target = target
    }

    /// `EXAMPLE.com.:443` and `example.com` are one host.
    package static func canonical(_ host: String) -> String? {
        // Before any folding: U+212A is a `k` in lower case.
        guard host.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        var name = Substring(host)
        if let colon = name.lastIndex(of: ":"), name.last != "]" {
            let port = name[name.index(after: colon)...]
            guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            name = name[..<colon]
        }
        if name.last == "." { name = name.dropLast() }
        return WebOrigin("https://" + name.lowercased())?.host
    }
}
