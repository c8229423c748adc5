import CCurl
import Glibc

/// Both ends of a TCP connection, as libcurl writes them.
struct ConnectionAddresses: Hashable {
    let localIP: String
    let localPort: Int32
    let remoteIP: String
    let remotePort: Int32

    fileprivate func areConnected(by socket: Int32) -> Bool {
        unsafe ccurl_connects(socket, localIP, localPort, remoteIP, remotePort)
    }
}

/// Checks, right before a request is written, whether the server has closed the connection that libcurl chose.
///
/// libcurl 7.88 takes a TLS connection for open while there is a byte to read, and that byte can be a close_notify. A
/// request that is written then is lost.
///
/// CURLINFO_ACTIVESOCKET is documented only for the time after a transfer. So this type keeps the sockets itself:
/// CURLOPT_SOCKOPTFUNCTION reports each new socket, CURLOPT_PREREQFUNCTION the addresses of the connection.
///
/// `@unchecked Sendable`: only the loop's thread touches it.
final class KeptConnections: @unchecked Sendable {
    private var sockets: [ConnectionAddresses: Int32] = [:]
    /// By socket. The system gives a closed socket's number to the next one: that removes the closed connection.
    private var addresses: [Int32: ConnectionAddresses] = [:]

    /// `opened`: the sockets that libcurl has opened for the transfer that is about to write. A connection whose socket is
    /// not found counts as closed.
    func isOpen(_ connection: ConnectionAddresses, opened: [Int32]) -> Bool {
        if let new = opened.first(where: connection.areConnected) {
            remember(new, connection)
            return true
        }
        guard let used = sockets[connection], connection.areConnected(by: used) else { return false }
        return !Self.hasSomethingToRead(used)
    }

    private func remember(_ socket: Int32, _ connection: ConnectionAddresses) {
        if let gone = addresses.updateValue(connection, forKey: socket), sockets[gone] == socket { sockets[gone] = nil }
        sockets[connection] = socket
    }

    /// No request is under way, so the stream's end, an error or bytes of any kind make the connection useless.
    private static func hasSomethingToRead(_ socket: Int32) -> Bool {
        var watched = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&watched, 1, 0) != 0
    }
}
