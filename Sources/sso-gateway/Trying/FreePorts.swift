import MicroHTTPServer

/// Ports of this machine without a listener at the moment.
enum FreePorts {
    /// For each number that port, or, for 0, a free one.
    static func take(_ numbers: [UInt16]) throws(ServerStartError) -> [UInt16] {
        // All are held until all are known, so that no two are the same.
        var held: [ReservedPort] = []
        defer { for port in held { port.release() } }
        for number in numbers { held.append(try ReservedPort.reserve(number)) }
        return held.map(\.number)
    }
}
