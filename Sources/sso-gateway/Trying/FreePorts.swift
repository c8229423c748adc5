import MicroHTTPServer

/// Ports of this machine that nobody listens on at the moment.
enum FreePorts {
    /// For each wish the port itself, or, for 0, a free one.
    static func take(_ wishes: [UInt16]) throws(ServerStartError) -> [UInt16] {
        // All are held until all are known, so that no two are the same.
        var held: [ReservedPort] = []
        defer { for port in held { port.release() } }
        for wish in wishes { held.append(try ReservedPort.reserve(wish)) }
        return held.map(\.number)
    }
}
