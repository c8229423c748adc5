extension [UInt8] {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * count)
        for byte in self { text.appendHexadecimal(UInt64(byte), digits: 2) }
        return String(decoding: text, as: UTF8.self)
    }

    mutating func appendHexadecimal(_ number: UInt64, digits: Int = 16) {
        for place in stride(from: digits - 1, through: 0, by: -1) {
            let nibble = UInt8(truncatingIfNeeded: number >> UInt64(4 * place)) & 15
            append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
    }
}
