/// What may stand in a host's name (RFC 3986 section 3.2.2, without percent-encoding), asked about every request twice.
package enum HostSyntax {
    /// Letters, digits, hyphens, dots and underscores.
    package static func isName(_ name: Span<UInt8>) -> Bool {
        !name.isEmpty && EightBytes.isNone(name) { $0.others(than: $0.letters | $0.hostSigns) }
    }

    /// The same without capital letters.
    package static func isLowerCaseName(_ name: Span<UInt8>) -> Bool {
        !name.isEmpty && EightBytes.isNone(name) { $0.others(than: $0.smallLetters | $0.hostSigns) }
    }

    /// Digits, five of them at most (RFC 3986 section 3.2.3).
    package static func isPort(_ port: Span<UInt8>) -> Bool {
        (1...5).contains(port.count) && EightBytes.isNone(port) { $0.others(than: $0.digits) }
    }
}

extension EightBytes {
    fileprivate var smallLetters: UInt64 { marks(UInt8(ascii: "a"), UInt8(ascii: "z")) }

    /// Hyphens, dots, digits and underscores: the first three stand next to each other, but for the slash among them.
    fileprivate var hostSigns: UInt64 {
        marks(UInt8(ascii: "-"), UInt8(ascii: "9")) & ~marks(UInt8(ascii: "/")) | marks(UInt8(ascii: "_"))
    }
}
