/// Why a server does not start. The descriptions say what to do.
package enum ServerStartError: Error, Sendable, Equatable, CustomStringConvertible {
    case oldHTTPLibrary(version: String, address: String)
    case addressUnusable(address: String, reason: String)
    /// A file that is not a socket is at the socket's path.
    case pathTaken(path: String)
    /// A live server answers on the socket's path.
    case alreadyServed(path: String)
    case inheritedUnusable(descriptor: Int32, reason: String)
    case daemonRefused
    /// The settings need more descriptors than the system lets this process have.
    case fewDescriptors(needed: Int, highest: Int)

    package var description: String {
        switch self {
        case .oldHTTPLibrary(let version, let address):
            """
            libmicrohttpd \(version) has published faults in how it parses requests, so the gateway does not listen on \
            \(address), which other machines may reach. Listen on 127.0.0.1 or a Unix socket behind a proxy; or use \
            libmicrohttpd 1.0.9 or newer (Debian 14 has it; Debian 12 and 13 and Ubuntu 24.04 do not); or set \
            allow_old_http_library: true
            """
        case .addressUnusable(let address, let reason): "cannot listen on \(address): \(reason)"
        case .pathTaken(let path): "cannot listen on unix:\(path): something that is not a socket is there"
        case .alreadyServed(let path): "cannot listen on unix:\(path): another server answers there"
        case .inheritedUnusable(let descriptor, let reason): "cannot listen on fd:\(descriptor): \(reason)"
        case .fewDescriptors(let needed, let highest):
            """
            the settings need \(needed) open files, but the system allows \(highest). Raise the hard limit \
            (`ulimit -Hn`, systemd's LimitNOFILE=), or lower connections.total
            """
        case .daemonRefused: "libmicrohttpd did not start: out of memory or descriptors"
        }
    }
}
