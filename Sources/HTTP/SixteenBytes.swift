/// Long texts, sixteen bytes at a time. Only operations of whole vectors, which become one instruction each: those with a
/// number on one side, `any` and `==` become a loop.
///
/// Marks are all the bits of each byte that is meant, and no other bit.
package enum SixteenBytes {
    typealias Bytes = SIMD16<UInt8>

    /// Its first place from `start` on, or the text's end.
    package static func first(_ byte: UInt8, in text: borrowing Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position + 16 <= text.count {
            let halves = unsafe unsafeBitCast(marks(byte, in: load(text, position)), to: SIMD2<UInt64>.self)
            if halves[0] != 0 { return position + halves[0].trailingZeroBitCount / 8 }
            if halves[1] != 0 { return position + 8 + halves[1].trailingZeroBitCount / 8 }
            position += 16
        }
        if position + 8 <= text.count {
            let found = EightBytes(text, at: position).marks(byte)
            if found != 0 { return position + found.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < text.count, text[position] != byte { position += 1 }
        return position
    }

    /// Whether `mark` marks nothing in a whole text. `markOfEight`: the same for one that is too short.
    @inline(__always) static func isNone(
        _ text: borrowing Span<UInt8>, _ mark: (Bytes) -> Bytes, orEight markOfEight: (EightBytes) -> UInt64
    ) -> Bool {
        guard text.count >= 16 else { return EightBytes.isNone(text, markOfEight) }
        var marked = mark(load(text, text.count - 16))
        var position = 0
        while position + 16 < text.count {
            marked |= mark(load(text, position))
            position += 16
        }
        let halves = unsafe unsafeBitCast(marked, to: SIMD2<UInt64>.self)
        return halves[0] | halves[1] == 0
    }

    /// How many bytes of a whole text `mark` marks. `markOfEight`: the same for the text's end.
    @inline(__always) static func count(
        _ text: borrowing Span<UInt8>, _ mark: (Bytes) -> Bytes, orEight markOfEight: (EightBytes) -> UInt64
    ) -> Int {
        var count = 0
        var position = 0
        while position + 16 <= text.count {
            // A mark is 255, which is one less than nothing: every byte of these counts its own, up to 255.
            let end = min(position + 255 * 16, text.count)
            var counts = Bytes(repeating: 0)
            while position + 16 <= end {
                counts &-= mark(load(text, position))
                position += 16
            }
            count += sum(counts)
        }
        while position < text.count {
            let rest = text.extracting(position..<min(position + 8, text.count))
            count += (markOfEight(EightBytes(padded: rest)) & EightBytes.marks(first: rest.count)).nonzeroBitCount
            position += rest.count
        }
        return count
    }

    private static func sum(_ bytes: Bytes) -> Int {
        let halves = unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
        let (low, high) = (halves[0], halves[1])
        // Four numbers of 16 bits, for the whole is more than a byte may hold; then those four.
        let even: UInt64 = 0x00ff_00ff_00ff_00ff
        let four = (low & even) &+ (low &>> 8 & even) &+ (high & even) &+ (high &>> 8 & even)
        return Int((four &* 0x0001_0001_0001_0001) &>> 48)
    }

    @inline(__always) static func marks(_ byte: UInt8, in bytes: Bytes) -> Bytes {
        bits(bytes .== Bytes(repeating: byte))
    }

    /// Control bytes but tabs.
    @inline(__always) static func controls(in bytes: Bytes) -> Bytes {
        bits(bytes .< Bytes(repeating: 0x20)) & ~marks(0x09, in: bytes) | marks(0x7f, in: bytes)
    }

    /// What is not printable ASCII, blanks included.
    @inline(__always) static func othersThanVisible(in bytes: Bytes) -> Bytes {
        bits(bytes .< Bytes(repeating: 0x21)) | bits(bytes .> Bytes(repeating: 0x7e))
    }

    /// Sixteen from `position` on, which have to be there.
    @inline(__always) private static func load(_ text: borrowing Span<UInt8>, _ position: Int) -> Bytes {
        unsafe text.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: Bytes.self)
    }

    @inline(__always) private static func bits(_ mask: SIMDMask<SIMD16<Int8>>) -> Bytes {
        unsafe unsafeBitCast(mask, to: Bytes.self)
    }
}
