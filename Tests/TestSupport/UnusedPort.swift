import Glibc

/// A port of 127.0.0.1 that had no listener a moment ago, for a program that cannot choose one itself.
package func unusedPort() throws -> UInt16 {
    let (listener, port) = try TCPSocket.listenOnLoopback()
    close(listener)
    return port
}
