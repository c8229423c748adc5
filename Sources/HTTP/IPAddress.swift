import Untrusted

/// An IPv4 or IPv6 address. IPv4 is stored in its IPv6-mapped form (RFC 4291 section 2.5.5.2), so that an address has one
/// value on every kind of socket.
package struct IPAddress: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// Six groups with an IPv4 address behind them. In bytes.
    private static let maximumLength = 45
    private static let mappedPrefix: UInt64 = 0x0000_ffff_0000_0000

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(v4 value: UInt32) {
        self.init(high: 0, low: Self.mappedPrefix | UInt64(value))
    }

    /// Reads `127.0.0.1`, `::1`, `fe80::1`; nil for anything else, brackets, zones and ports included.
    package init?(_ text: String) {
        // Splitting a long received text into characters can take longer than the rest of a request.
        guard text.utf8.count <= Self.maximumLength else { return nil }
        if let v4 = Self.dottedQuad(Substring(text)) {
            self.init(v4: v4)
        } else if let groups = Self.groups(text) {
            self.init(high: Self.joined(groups[0..<4]), low: Self.joined(groups[4..<8]))
        } else {
            return nil
        }
    }

    package var isV4: Bool { high == 0 && low >> 32 == 0xffff }

    /// `0.0.0.0` or `::`: a listener on it accepts connections to every address.
    package var isUnspecified: Bool { isV4 ? low & 0xffff_ffff == 0 : high == 0 && low == 0 }

    package var isLoopback: Bool { isV4 ? low >> 24 & 0xff == 127 : high == 0 && low == 1 }

    /// One value for all addresses of a client: the /64 of an IPv6 address. Behind a NAT64 (RFC 6052 section 2.1) all of IPv4
    /// is one /64, and each address in it is a client.
    package var client: IPAddress {
        if isV4 { return self }
        if high == 0x0064_ff9b_0000_0000, low >> 32 == 0 { return IPAddress(v4: UInt32(truncatingIfNeeded: low)) }
        return IPAddress(high: high, low: 0)
    }

    private static func dottedQuad(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"), let octet = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    private static func groups(_ text: String) -> [UInt16]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, !text.contains(":::"), let front = hextets(halves[0]) else { return nil }
        guard halves.count == 2 else { return front.count == 8 ? front : nil }
        guard let back = hextets(halves[1]), front.count + back.count <= 7 else { return nil }
        return front + Array(repeating: 0, count: 8 - front.count - back.count) + back
    }

    private static func hextets(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let v4 = dottedQuad(part) {
                groups += [UInt16(v4 >> 16), UInt16(v4 & 0xffff)]
            } else if part.utf8.count <= 4, let group = Hexadecimal.number(part.utf8) {
                groups.append(UInt16(group))
            } else {
                return nil
            }
        }
        return groups
    }

    private static func joined(_ groups: ArraySlice<UInt16>) -> UInt64 {
        groups.reduce(0) { $0 << 16 | UInt64($1) }
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted for IPv4, eight groups without compression for IPv6, so that an address has one spelling in logs.
    package var description: String {
        if isV4 { return stride(from: 24, through: 0, by: -8).map { "\(low >> $0 & 0xff)" }.joined(separator: ".") }
        return [high, low].flatMap { half in
            stride(from: 48, through: 0, by: -16).map { Hexadecimal.text(half >> $0 & 0xffff) }
        }.joined(separator: ":")
    }
}
