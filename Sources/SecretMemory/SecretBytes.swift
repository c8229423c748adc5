import Glibc
package import Untrusted

/// Bytes that must not outlive their use: a code, a token, a key, a client secret.
///
/// The buffer never moves and never grows, so there is one copy of the bytes and `deinit` overwrites it with
/// `explicit_bzero`. Printing, interpolating and dumping show the length only.
///
/// `@unchecked Sendable`: the buffer is written in `init` alone and only read afterwards.
@safe package final class SecretBytes: @unchecked Sendable {
    private let buffer: UnsafeMutableRawBufferPointer
    /// Whose bytes these are, if not our own.
    private let owner: SecretBytes?

    /// Takes `count` bytes that `fill` writes; what `fill` leaves untouched is zero.
    package init<Failure: Error>(
        count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        owner = nil
        unsafe buffer = .allocate(byteCount: count, alignment: 1)
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
        try unsafe fill(buffer)
    }

    /// The same without a pointer.
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

    /// The same for the usual case, which costs a tenth of the general one.
    package convenience init(_ bytes: [UInt8]) {
        unsafe self.init(count: bytes.count) { buffer in
            unsafe bytes.withUnsafeBytes { unsafe buffer.copyMemory(from: $0) }
        }
    }

    /// The same for bytes that a C library lends.
    package convenience init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.init(count: bytes.count) { buffer in unsafe buffer.copyMemory(from: bytes) }
    }

    package convenience init(_ bytes: borrowing Span<UInt8>) {
        unsafe self.init(count: bytes.count) { buffer in
            unsafe bytes.withUnsafeBytes { unsafe buffer.copyMemory(from: $0) }
        }
    }

    /// The UTF-8 bytes of `text`. The string itself is the caller's, who should not keep it.
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

    /// Lends the bytes. The pointer is valid inside `body` only, or as long as somebody keeps `self` alive.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(buffer))
    }

    /// Lends the bytes for reading, without a pointer.
    package func withSpan<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(buffer.assumingMemoryBound(to: UInt8.self).span)
    }

    /// Lends the bytes without a pointer.
    package func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = unsafe UnsafeRawBufferPointer(buffer).assumingMemoryBound(to: UInt8.self)
        return unsafe body(bytes.span)
    }

    package subscript(position: Int) -> UInt8 {
        precondition(position >= 0 && position < count)
        return unsafe buffer[position]
    }

    /// Where `byte` is next, at `start` or behind it. How long that takes tells where it is.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        precondition(start >= 0 && start <= count)
        guard start < count, let base = unsafe buffer.baseAddress,
            let found = unsafe memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// A copy of a part, which cleanses itself in turn.
    package subscript(range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe SecretBytes(count: range.count) { part in
            unsafe part.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[range]))
        }
    }

    /// A part without a copy of its own: it keeps the whole alive, which is cleansed when both are gone.
    package func sharing(_ range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return SecretBytes(range, of: self)
    }

    /// An ordinary array of the bytes: for what turned out not to be secret.
    package var exposedBytes: [UInt8] { unsafe Array(buffer) }

    /// The bytes as text, or nil where they are not valid UTF-8: for what turned out not to be secret.
    package var exposedText: UntrustedText? { UntrustedText(validating: exposedBytes) }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    package var description: String { "(\(count) secret bytes)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
