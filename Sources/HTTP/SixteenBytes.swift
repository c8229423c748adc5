/// Long texts, sixteen bytes at a time. Only operations of whole vectors, which become one instruction each: those with a
/// number on one side, and `any`, become a loop.
package enum SixteenBytes {
    typealias Bytes = SIMD16<UInt8>

    /// Its first place from `start` on, or the text's end.
    package static func first(_ byte: UInt8, in text: borrowing Span<UInt8>, from start: Int) -> Int {
        let wanted = Bytes(repeating: byte)
        var position = start
        while position + 16 <= text.count {
            let halves = unsafe unsafeBitCast(load(text, position) .== wanted, to: SIMD2<UInt64>.self)
            if halves[0] != 0 { return position + halves[0].trailingZeroBitCount / 8 }
            if halves[1] != 0 { return position + 8 + halves[1].trailingZeroBitCount / 8 }
            position += 16
        }
        while position < text.count {
            let eight = text.extracting(position..<min(position + 8, text.count))
            let found = EightBytes(padded: eight).marks(byte) & EightBytes.marks(first: eight.count)
            if found != 0 { return position + found.trailingZeroBitCount / 8 }
            position += eight.count
        }
        return position
    }

    /// Whether there is a control byte other than a tab.
    static func hasControl(_ text: borrowing Span<UInt8>) -> Bool {
        guard text.count >= 16 else { return hasControl(short: text) }
        var found = controls(load(text, text.count - 16))
        var position = 0
        while position + 16 < text.count {
            found |= controls(load(text, position))
            position += 16
        }
        return found != Bytes(repeating: 0)
    }

    @inline(__always) private static func controls(_ bytes: Bytes) -> Bytes {
        bits(bytes .< Bytes(repeating: 0x20)) & ~bits(bytes .== Bytes(repeating: 0x09))
            | bits(bytes .== Bytes(repeating: 0x7f))
    }

    private static func hasControl(short text: borrowing Span<UInt8>) -> Bool {
        text.count < 8
            ? EightBytes(padded: text).controls & EightBytes.marks(first: text.count) != 0
            : !EightBytes.isNone(text, \.controls)
    }

    /// Sixteen from `position` on, which have to be there.
    private static func load(_ text: borrowing Span<UInt8>, _ position: Int) -> Bytes {
        unsafe text.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: Bytes.self)
    }

    private static func bits(_ mask: SIMDMask<SIMD16<Int8>>) -> Bytes { unsafe unsafeBitCast(mask, to: Bytes.self) }
}
