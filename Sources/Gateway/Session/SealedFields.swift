/// Writes length-prefixed fields. In joined text a byte could move from one field to the next.
struct SealedFieldWriter {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    mutating func put(_ text: String) {
        putCount(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func put(_ field: [UInt8]) {
        putCount(field.count)
        bytes.append(contentsOf: field)
    }

    private mutating func putCount(_ count: Int) {
        precondition(count <= UInt16.max)
        bytes.append(UInt8(count >> 8))
        bytes.append(UInt8(count & 0xff))
    }

    /// `time` in seconds since 1970.
    mutating func put(_ time: Int64) {
        bytes += UInt64(bitPattern: time).bigEndianBytes
    }
}

/// Reads what `SealedFieldWriter` wrote; nil where the next field does not fit.
struct SealedFieldReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func field() -> ArraySlice<UInt8>? {
        guard position + 2 <= bytes.count else { return nil }
        let start = position + 2
        let end = start + (Int(bytes[position]) << 8 | Int(bytes[position + 1]))
        guard end <= bytes.count else { return nil }
        position = end
        return bytes[start..<end]
    }

    mutating func text() -> String? {
        field().flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Seconds since 1970. Nil also for times that no clock can show: adding a lifetime must not overflow, which would end
    /// the process.
    mutating func time() -> Int64? {
        guard position + 8 <= bytes.count else { return nil }
        let value = UInt64(bigEndianBytes: bytes[position..<position + 8])
        position += 8
        return value < 1 << 53 ? Int64(value) : nil
    }
}
