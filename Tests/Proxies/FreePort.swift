import MicroHTTPServer

/// Ports that nobody listened on a moment ago.
enum FreePort {
    static func take(_ count: Int) throws -> [UInt16] {
        let held = try (0..<count).map { _ in try ReservedPort.reserve(0) }
        for port in held { port.release() }
        return held.map(\.number)
    }
}
