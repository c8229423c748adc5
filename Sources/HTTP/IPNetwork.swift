/// A block of addresses in CIDR form: `127.0.0.0/8`, `::1/128`, or a single address.
package struct IPNetwork: Hashable, Sendable {
    private let address: IPAddress
    private let highMask: UInt64
    private let lowMask: UInt64
    private let text: String
    /// Whether it is all of IPv4 or IPv6.
    package let holdsEveryAddress: Bool

    /// Nil for a malformed address, a length out of range, and host bits after the prefix (`10.0.0.1/8`), which are nearly
    /// always a typing error.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.isV4 && !parts[0].contains(":") ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]), given <= width
            else { return nil }
            length = given
        }
        let bits = length + 128 - width
        highMask = bits >= 64 ? .max : ~(UInt64.max >> bits)
        lowMask = bits <= 64 ? 0 : bits == 128 ? .max : ~(UInt64.max >> (bits - 64))
        guard address.high & ~highMask == 0, address.low & ~lowMask == 0 else { return nil }
        self.address = address
        holdsEveryAddress = length == 0
        self.text = text
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.high & highMask == address.high && other.low & lowMask == address.low
    }
}

extension IPNetwork: CustomStringConvertible {
    /// As written.
    package var description: String { text }
}
