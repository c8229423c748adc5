import HTTP
import Untrusted

/// The client whose attempts are counted: the socket's address, or, behind a trusted proxy, the last hop that is not one.
enum ClientAddress: Hashable, Sendable {
    /// One client, by `IPAddress.client`.
    case one(IPAddress)
    /// All clients behind a Unix socket, or behind a trusted proxy that sends no readable `X-Forwarded-For`.
    case shared(PeerAddress)

    /// An IPv6 address in brackets, with a port. In bytes.
    private static let longest = 53

    static func of(_ request: HTTPRequest, behind proxies: TrustedProxies) -> ClientAddress {
        guard proxies.contain(request.peer) else {
            if case .ip(let address) = request.peer { return .one(address.client) }
            return .shared(request.peer)
        }
        guard let hops = request.headers[.xForwardedFor] else { return .shared(request.peer) }
        for hop in hops.split(at: ",").reversed() {
            let bytes = hop.bytes.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
            // Splitting a long text into characters would cost more than the rest of the request.
            guard bytes.count <= longest, bytes.allSatisfy({ $0 < 0x80 }) else { return .shared(request.peer) }
            let hop = String(decoding: bytes, as: UTF8.self)
            if hop.isEmpty { continue }
            // An entry that is no address ends the trustworthy part of the list.
            guard let address = read(hop) else { return .shared(request.peer) }
            if !proxies.contain(.ip(address)) { return .one(address.client) }
        }
        return .shared(request.peer)
    }

    var isShared: Bool { if case .shared = self { true } else { false } }

    /// Some proxies add the client's port, which the client chooses: `203.0.113.7:50001`, `[2001:db8::1]:443`.
    private static func read(_ hop: String) -> IPAddress? {
        if let address = IPAddress(hop) { return address }
        if hop.hasPrefix("["), let end = hop.firstIndex(of: "]") {
            let rest = hop[hop.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" && isPort(rest.dropFirst()) else { return nil }
            return IPAddress(String(hop[hop.index(after: hop.startIndex)..<end]))
        }
        let parts = hop.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, isPort(parts[1]) else { return nil }
        return IPAddress(String(parts[0]))
    }

    private static func isPort(_ text: Substring) -> Bool { HostSyntax.isPort(Array(text.utf8).span) }
}

extension ClientAddress: CustomStringConvertible {
    /// For the log: the address; `unix` for a Unix socket.
    var description: String {
        switch self {
        case .one(let address), .shared(.ip(let address)): address.description
        case .shared(.unixSocket): "unix"
        }
    }
}
