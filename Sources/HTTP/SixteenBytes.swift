/// Long texts, sixteen bytes at a time. Only operations of whole vectors, which become one instruction each: those with a
/// number on one side, and `any`, become a loop.
enum SixteenBytes {
    typealias Bytes = SIMD16<UInt8>

    /// Its first place from `start` on, or the text's end.
    static func first(_ byte: UInt8, in text: borrowing Span<UInt8>, from start: Int) -> Int {
        let wanted = Bytes(repeating: byte)
        var position = start
        while position + 16 <= text.count {
            let halves = unsafe unsafeBitCast(load(text, position) .== wanted, to: SIMD2<UInt64>.self)
            guard halves[0] | halves[1] == 0 else { break }
            position += 16
        }
        while position < text.count, text[position] != byte { position += 1 }
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

    private static func controls(_ bytes: Bytes) -> Bytes {
        bits(bytes .< Bytes(repeating: 0x20)) & ~bits(bytes .== Bytes(repeating: 0x09))
            | bits(bytes .== Bytes(repeating: 0x7f))
    }

    private static func hasControl(short text: borrowing Span<UInt8>) -> Bool {
        if EightBytes.isNone(text, \.controls) { return false }
        for position in text.indices {
            let byte = text[position]
            if byte < 0x20 && byte != 0x09 || byte == 0x7f { return true }
        }
        return false
    }

    private static func load(_ text: borrowing Span<UInt8>, _ position: Int) -> Bytes {
        unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Bytes.self)
    }

    private static func bits(_ mask: SIMDMask<SIMD16<Int8>>) -> Bytes { unsafe unsafeBitCast(mask, to: Bytes.self) }
}
