import CMicroHTTPD
import HTTP

/// The loaded libmicrohttpd.
package enum HTTPLibrary {
    package static var version: String { unsafe String(cString: MHD_get_version()) }

    /// Throws where other machines can reach `listen` and the library's parser has published faults. An inherited socket counts
    /// by its bound address. A descriptor that is no socket is refused when it is opened.
    package static func check(for listen: ListenAddress, allowOld: Bool) throws(ServerStartError) {
        guard !allowOld, !hasFixedParser(version) else { return }
        switch listen {
        case .tcp where listen.isLocal: return
        case .unix: return
        case .inherited(let descriptor):
            guard case .ip(let bound) = SocketAddress.local(of: descriptor), !bound.isLoopback else { return }
        case .tcp: break
        }
        throw .oldHTTPLibrary(version: version, address: "\(listen)")
    }

    /// The ChangeLog's last faults that a request can reach: a second `Content-Length` and other unique fields ignored
    /// (fixed in 1.0.4 and 1.0.5), crashes and writes beyond the stack (1.0.7, 1.0.8), an overwritten version (1.0.9).
    package static func hasFixedParser(_ version: String) -> Bool {
        let parts = version.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
        return parts.count >= 3 && !parts.lexicographicallyPrecedes([1, 0, 9])
    }
}
