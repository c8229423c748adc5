import CMicroHTTPD
import Glibc
import HTTP

/// Converts `sockaddr` values: the only place that knows their layouts.
enum SocketAddress {
    /// Calls `body` with the address for `bind` and `connect`.
    @unsafe static func with<Result>(
        _ ip: IPAddress, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        if ip.isV4 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: ip.low).bigEndian
            return unsafe lend(&address, body)
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
            unsafe bytes.storeBytes(of: ip.high.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe bytes.storeBytes(of: ip.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return unsafe lend(&address, body)
    }

    /// Calls `body` with a socket file's address; nil where the path is too long.
    @unsafe static func with<Result>(path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            guard path.utf8.count < bytes.count else { return false }
            unsafe bytes.copyBytes(from: path.utf8)
            return true
        }
        return fits ? unsafe lend(&address, body) : nil
    }

    /// The port of a bound TCP socket.
    static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let isKnown = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size) == 0
            }
        }
        // The port has the same offset in both families.
        return isKnown ? UInt16(bigEndian: address.sin6_port) : 0
    }

    /// The address to which a socket is bound; nil for a descriptor that is no TCP or Unix socket.
    static func local(of descriptor: Int32) -> PeerAddress? {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size) == 0 ? peer($0) : nil
            }
        }
    }

    /// Nil for an address of another family.
    static func peer(_ address: UnsafePointer<sockaddr>?) -> PeerAddress? {
        guard let address = unsafe address else { return nil }
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            let raw = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            return .ip(IPAddress(v4: UInt32(bigEndian: raw.sin_addr.s_addr)))
        case AF_INET6:
            var raw = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            return unsafe withUnsafeBytes(of: &raw.sin6_addr) { bytes in
                .ip(
                    IPAddress(
                        high: unsafe UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                        low: unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))))
            }
        case AF_UNIX: return .unixSocket
        default: return nil
        }
    }

    @unsafe private static func lend<Address, Result>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
