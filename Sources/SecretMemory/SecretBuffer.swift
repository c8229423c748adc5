import Glibc

/// Room for secrets that come one after the other: kept between them, but never with one inside.
@safe package final class SecretBuffer {
    private var room = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var used = 0
    package var count: Int { used }
    /// In bytes. More than that is given back.
    private static let usual = 1024

    package init() {}

    deinit {
        cleanse()
        unsafe room.deallocate()
    }

    /// Takes a copy of what a C library lends, in place of what was here.
    package func fill(_ bytes: UnsafeRawBufferPointer) {
        cleanse()
        if unsafe room.count < bytes.count {
            unsafe room.deallocate()
            unsafe room = .allocate(byteCount: max(bytes.count, Self.usual), alignment: 1)
        }
        unsafe room.copyMemory(from: bytes)
        used = bytes.count
    }

    /// Lends the bytes for reading.
    package func withSpan<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe UnsafeRawBufferPointer(start: room.baseAddress, count: used)
        return try unsafe body(bytes.assumingMemoryBound(to: UInt8.self).span)
    }

    /// Overwrites and forgets what is here.
    package func cleanse() {
        guard used > 0, let start = unsafe room.baseAddress else { return }
        unsafe explicit_bzero(start, used)
        used = 0
        guard unsafe room.count > Self.usual else { return }
        unsafe room.deallocate()
        unsafe room = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
}

extension SecretBuffer: CustomStringConvertible, CustomReflectable {
    package var description: String { "(\(count) secret bytes)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
