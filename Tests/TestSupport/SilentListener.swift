import Glibc

/// A port of 127.0.0.1 at which the system answers no more: those that want to connect wait, as at an address whose packets
/// are dropped.
package struct SilentListener: Sendable {
    private let listener: Int32
    private let waiting: [Int32]

    /// `port`: one that is unused on 127.0.0.1.
    package init(port: UInt16) throws {
        (listener, _) = try TCPSocket.listenOnLoopback(port: port, backlog: 0)
        // The queue of connections that are not accepted holds one more than the backlog (listen(2)). Some more do no harm.
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        waiting = (0..<4).map { _ in
            let descriptor = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    _ = unsafe connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return descriptor
        }
    }

    package func stop() { for descriptor in waiting + [listener] { close(descriptor) } }
}
