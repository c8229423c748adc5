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

    package let path: PlainPath
    /// Lower case, without port and trailing dot.
    let hostBytes: ArraySlice<UInt8>
    private let methodBytes: ArraySlice<UInt8>
    private let targetBytes: ArraySlice<UInt8>

    package init(method: String, host: String, target: String) throws(Refusal) {
        try self.init(
            method: Array(method.utf8)[...], host: Array(host.utf8)[...], target: Array(target.utf8)[...])
    }

    package init(method: ArraySlice<UInt8>, host: ArraySlice<UInt8>, target: ArraySlice<UInt8>) throws(Refusal) {
        guard (1...24).contains(method.count), Self.methodLetters.containsAll(method) else { throw .method }
        guard let host = Self.canonical(host) else { throw .host }
        do { path = try PlainPath(target: target) } catch { throw .path(error) }
        methodBytes = method
        hostBytes = host
        targetBytes = target
    }

    package var method: String { String(decoding: methodBytes, as: UTF8.self) }
    /// `GET` or `HEAD`.
    var isRead: Bool {
        let method = methodBytes.span
        return SameBytes.areSame(method, "GET".utf8.span) || SameBytes.areSame(method, "HEAD".utf8.span)
    }
    package var host: String { String(decoding: hostBytes, as: UTF8.self) }

    /// Path and query as the client sent them, for the way back after signing in.
    package var target: String { String(decoding: targetBytes, as: UTF8.self) }

    private static let methodLetters = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZ-")

    package static func canonical(_ host: String) -> String? {
        canonical(Array(host.utf8)[...]).map { String(decoding: $0, as: UTF8.self) }
    }

    /// `EXAMPLE.com.:443` and `example.com` are one host.
    static func canonical(_ host: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        if WebOrigin.isHost(host) { return host }
        var name = host
        if name.last != UInt8(ascii: "]"), let colon = name.lastIndex(of: UInt8(ascii: ":")) {
            let port = name[(colon + 1)...]
            guard (1...5).contains(port.count), ByteSet.digits.containsAll(port) else { return nil }
            name = name[..<colon]
        }
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        if WebOrigin.isHost(name) { return name }
        // Bytes are folded, not characters: U+212A is a `k` in lower case.
        let lowered = name.map(HTTPHeaders.lowered)
        return WebOrigin.isHost(lowered[...]) ? lowered[...] : nil
    }
}
