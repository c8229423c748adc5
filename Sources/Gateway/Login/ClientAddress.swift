import HTTP
import Untrusted

/// Which address a request really comes from: the socket's, or, behind a trusted proxy, the last hop that is not one.
enum ClientAddress {
    /// Nil where nothing trustworthy tells one client from another (a proxy that sends no `X-Forwarded-For`).
    static func of(_ request: HTTPRequest, settings: GatewaySettings) -> IPAddress? {
        guard settings.trusts(request.peer) else {
            if case .ip(let address) = request.peer { return address }
            return nil
        }
        guard let hops = request.headers[.xForwardedFor] else { return nil }
        for hop in hops.split(at: ",").reversed() where !hop.isEmpty {
            // An entry that is no address ends the trustworthy part of the list.
            guard let address = IPAddress(String(decoding: hop.bytes.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self))
            else { return nil }
            if !settings.trusts(.ip(address)) { return address }
        }
        return nil
    }
}
