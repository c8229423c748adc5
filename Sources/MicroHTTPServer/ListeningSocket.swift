import CMicroHTTPD
import Glibc
import HTTP

/// A listening, non-blocking descriptor. A daemon that starts with it owns it; until then its owner must `close` it.
struct ListeningSocket {
    let descriptor: Int32
    /// With the port that the system chose.
    let address: ListenAddress
    /// The socket file that was made.
    var file: SocketFile?

    static func open(_ address: ListenAddress) throws(ServerStartError) -> ListeningSocket {
        switch address {
        case .tcp(_, let port): try openTCP(address, port: port)
        case .unix(let path, let mode): try openUnix(address, path: path, mode: mode)
        case .inherited(let descriptor): try adopt(address, descriptor)
        }
    }

    /// A second descriptor of the same socket, for one more event loop.
    func duplicated() throws(ServerStartError) -> ListeningSocket {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .addressUnusable(address: "\(address)", reason: reason()) }
        return ListeningSocket(descriptor: copy, address: address)
    }

    private static func openTCP(_ address: ListenAddress, port: UInt16) throws(ServerStartError) -> ListeningSocket {
        guard let ip = address.ipAddress else {
            throw .addressUnusable(address: "\(address)", reason: "not a numeric address")
        }
        let family = ip.isV4 ? AF_INET : AF_INET6
        let descriptor = gateway_stream_socket(family)
        guard descriptor >= 0 else { throw .addressUnusable(address: "\(address)", reason: reason()) }
        set(descriptor, SOL_SOCKET, SO_REUSEADDR)
        if !ip.isV4 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        let isBound = unsafe SocketAddress.with(ip, port: port) { unsafe bind(descriptor, $0, $1) == 0 }
        guard isBound, listen(descriptor, SOMAXCONN) == 0 else {
            let why = reason()
            close(descriptor)
            throw .addressUnusable(address: "\(address)", reason: why)
        }
        guard case .tcp(let host, _) = address else { preconditionFailure("checked by the caller") }
        let bound = ListenAddress.tcp(host: host, port: SocketAddress.port(of: descriptor))
        return ListeningSocket(descriptor: descriptor, address: bound)
    }

    private static func openUnix(_ address: ListenAddress, path: String, mode: UInt32) throws(ServerStartError)
        -> ListeningSocket
    {
        try SocketFile.checkDirectory(of: path, forOwnerOnly: mode & 0o077 == 0)
        try removeStale(path)
        let descriptor = gateway_stream_socket(AF_UNIX)
        guard descriptor >= 0 else { throw .addressUnusable(address: "\(address)", reason: reason()) }
        // No client can connect before `listen`, and then the mode is already set.
        let isBound = unsafe SocketAddress.with(path: path) { unsafe bind(descriptor, $0, $1) == 0 }
        guard isBound ?? false, unsafe chmod(path, mode) == 0, listen(descriptor, SOMAXCONN) == 0 else {
            let why = isBound == nil ? "the path is too long" : reason()
            close(descriptor)
            throw .addressUnusable(address: "\(address)", reason: why)
        }
        return ListeningSocket(descriptor: descriptor, address: address, file: SocketFile(path))
    }

    /// Removes the socket file of a stopped server; refuses any other file.
    private static func removeStale(_ path: String) throws(ServerStartError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .pathTaken(path: path) }
        let probe = gateway_stream_socket(AF_UNIX)
        defer { close(probe) }
        // Only a refusal means that there is no server. A server whose queue is full does not answer either (EAGAIN).
        let isStale = unsafe SocketAddress.with(path: path) {
            unsafe connect(probe, $0, $1) != 0 && errno == ECONNREFUSED
        }
        guard isStale ?? false else { throw .alreadyServed(path: path) }
        unsafe unlink(path)
    }

    private static func adopt(_ address: ListenAddress, _ descriptor: Int32) throws(ServerStartError) -> ListeningSocket
    {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0, isListening == 1
        else {
            throw .inheritedUnusable(descriptor: descriptor, reason: "it is no listening socket")
        }
        guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw .inheritedUnusable(descriptor: descriptor, reason: reason())
        }
        return ListeningSocket(descriptor: descriptor, address: address)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32) {
        var on: Int32 = 1
        unsafe setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// The system's text for the last failed call.
func reason() -> String { unsafe String(cString: strerror(errno)) }
