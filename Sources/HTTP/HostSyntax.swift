/// What may stand in a host's name (RFC 3986 section 3.2.2, without percent-encoding), asked about every request twice.
package enum HostSyntax {
    /// Letters, digits, hyphens, dots and underscores.
    package static func isName(_ name: Span<UInt8>) -> Bool {
        !name.isEmpty && EightBytes.isNone(name) { $0.othersThanHost }
    }

    /// The same without capital letters.
    package static func isLowerCaseName(_ name: Span<UInt8>) -> Bool {
        !name.isEmpty
            && EightBytes.isNone(name) { $0.othersThanHost | $0.marks(UInt8(ascii: "A"), UInt8(ascii: "Z")) }
    }
}

extension EightBytes {
    fileprivate var othersThanHost: UInt64 {
        othersThanPlain & ~(marks(UInt8(ascii: ".")) | marks(UInt8(ascii: "_")))
    }
}
