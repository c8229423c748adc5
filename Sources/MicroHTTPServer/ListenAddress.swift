package import HTTP

/// The address of a listener.
package enum ListenAddress: Sendable, Equatable {
    /// `host` is `localhost` or a numeric address; port 0 takes any free one.
    case tcp(host: String, port: UInt16)
    /// A socket file, made with `mode`.
    case unix(path: String, mode: UInt32 = 0o660)
    /// A listening socket that another process opened (systemd, a supervisor): `fd:3`.
    case inherited(descriptor: Int32)

    /// Reads `127.0.0.1:4180`, `[::1]:4180`, `localhost:0`, `unix:/path` or `fd:3`.
    package init?(setting text: String) { self.init(setting: text, socketMode: 0o660) }

    /// `socketMode`: the mode of a socket's file.
    package init?(setting text: String, socketMode: UInt32) {
        if text.hasPrefix("unix:/") {
            self = .unix(path: String(text.dropFirst("unix:".count)), mode: socketMode)
        } else if text.hasPrefix("fd:") {
            guard let descriptor = Int32(text.dropFirst("fd:".count)), descriptor > 2 else { return nil }
            self = .inherited(descriptor: descriptor)
        } else {
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
                return nil
            }
            var host = String(text[..<colon])
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            guard host == "localhost" || IPAddress(host) != nil else { return nil }
            self = .tcp(host: host, port: port)
        }
    }

    /// The numeric address of a TCP listener.
    package var ipAddress: IPAddress? {
        guard case .tcp(let host, _) = self else { return nil }
        return host == "localhost" ? IPAddress(v4: 0x7f00_0001) : IPAddress(host)
    }

    /// The longest path of a Unix socket, in bytes (unix(7): 108 with the NUL at its end).
    package static let longestPath = 107

    package var unixPath: String? {
        guard case .unix(let path, _) = self else { return nil }
        return path
    }

    /// Whether two listeners cannot both be opened, or one would take connections of the other.
    package func overlaps(_ other: ListenAddress) -> Bool {
        switch (self, other) {
        case (.tcp(_, let port), .tcp(_, let otherPort)):
            guard port == otherPort, port != 0, let ip = ipAddress, let otherIP = other.ipAddress else { return false }
            return ip == otherIP || ip.isV4 == otherIP.isV4 && (ip.isUnspecified || otherIP.isUnspecified)
        case (.unix(let path, _), .unix(let otherPath, _)): return path == otherPath
        case (.inherited(let descriptor), .inherited(let otherDescriptor)): return descriptor == otherDescriptor
        default: return false
        }
    }

    /// Out of the network's reach: loopback or a Unix socket.
    package var isLocal: Bool {
        switch self {
        case .tcp: ipAddress?.isLoopback ?? false
        case .unix: true
        case .inherited: false
        }
    }
}

extension ListenAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path, _): "unix:\(path)"
        case .inherited(let descriptor): "fd:\(descriptor)"
        }
    }
}
