import Glibc
package import Untrusted

/// Secret bytes that are overwritten after use: a code, a token, a key, a client secret.
///
/// The buffer never moves and never grows, so there is one copy of the bytes and `deinit` overwrites it with
/// `explicit_bzero`. Printing, interpolating and dumping show the length only.
///
/// `@unchecked Sendable`: only `init` writes to the buffer.
@safe package final class SecretBytes: @unchecked Sendable {
    private let buffer: UnsafeMutableRawBufferPointer
    /// Owns the buffer, if this is a part of it; else nil.
    private let owner: SecretBytes?

    /// `count` bytes, zero where `fill` does not write.
    package init<Failure: Error>(
        count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        owner = nil
        unsafe buffer = .allocate(byteCount: count, alignment: 1)
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
        try unsafe fill(buffer)
    }

    /// `count` bytes, zero where `fill` does not write.
    package convenience init(count: Int, filledBy fill: (inout MutableSpan<UInt8>) -> Void) {
        unsafe self.init(count: count) { (buffer: UnsafeMutableRawBufferPointer) in
            let bytes = unsafe buffer.assumingMemoryBound(to: UInt8.self)
            var span = unsafe bytes.mutableSpan
            fill(&span)
        }
    }

    package convenience init(_ bytes: some Collection<UInt8>) {
        unsafe self.init(count: bytes.count) { buffer in unsafe buffer.copyBytes(from: bytes) }
    }

    /// A copy of bytes that a C library owns.
    package convenience init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.init(count: bytes.count) { buffer in unsafe buffer.copyMemory(from: bytes) }
    }

    package convenience init(_ bytes: borrowing Span<UInt8>) {
        unsafe self.init(count: bytes.count) { buffer in
            unsafe bytes.withUnsafeBytes { unsafe buffer.copyMemory(from: $0) }
        }
    }

    /// The UTF-8 bytes of `text`. The string itself cannot be overwritten.
    package convenience init(_ text: String) {
        self.init(text.utf8)
    }

    private init(_ range: Range<Int>, of owner: SecretBytes) {
        self.owner = owner
        unsafe buffer = UnsafeMutableRawBufferPointer(rebasing: owner.buffer[range])
    }

    deinit {
        guard owner == nil else { return }
        if let start = unsafe buffer.baseAddress { unsafe explicit_bzero(start, buffer.count) }
        unsafe buffer.deallocate()
    }

    package static let empty = SecretBytes([])

    package var count: Int { unsafe buffer.count }
    package var isEmpty: Bool { count == 0 }

    /// The pointer is valid inside `body`, and while `self` lives.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(buffer))
    }

    package func withSpan<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(buffer.assumingMemoryBound(to: UInt8.self).span)
    }

    package func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = unsafe UnsafeRawBufferPointer(buffer).assumingMemoryBound(to: UInt8.self)
        return unsafe body(bytes.span)
    }

    package subscript(position: Int) -> UInt8 {
        precondition(position >= 0 && position < count)
        return unsafe buffer[position]
    }

    /// The first position of `byte` from `start` on. Not in constant time.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        precondition(start >= 0 && start <= count)
        guard start < count, let base = unsafe buffer.baseAddress,
            let found = unsafe memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// A copy of a part, overwritten after use like the whole.
    package subscript(range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe SecretBytes(count: range.count) { part in
            unsafe part.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[range]))
        }
    }

    /// A part without a copy: it keeps the whole alive, which is overwritten when both are freed.
    package func sharing(_ range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return SecretBytes(range, of: self)
    }

    /// An ordinary array of the bytes, which is not overwritten.
    package var exposedBytes: [UInt8] { unsafe Array(buffer) }

    /// The bytes as ordinary text, which is not overwritten; nil where they are not valid UTF-8.
    package var exposedText: UntrustedText? { UntrustedText(validating: exposedBytes) }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    package var description: String { "(\(count) secret bytes)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
