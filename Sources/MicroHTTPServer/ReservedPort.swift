import Glibc

/// A loopback port that no other process can take until it is released: for two servers whose settings need each other's
/// address.
package struct ReservedPort: Sendable {
    package let number: UInt16
    private let descriptor: Int32

    /// The port itself, or any free one for 0.
    package static func reserve(_ port: UInt16) throws(ServerStartError) -> ReservedPort {
        let socket = try ListeningSocket.open(.tcp(host: "127.0.0.1", port: port))
        guard case .tcp(_, let number) = socket.address else { preconditionFailure("a TCP address was opened") }
        return ReservedPort(number: number, descriptor: socket.descriptor)
    }

    package func release() { close(descriptor) }
}
