import Glibc

/// A reusable buffer for one secret at a time. It is overwritten before the next secret.
@safe package final class SecretBuffer {
    private var storage = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var used = 0
    package var count: Int { used }
    /// In bytes. A larger storage is freed after use.
    private static let keptCapacity = 1024

    package init() {}

    deinit {
        cleanse()
        unsafe storage.deallocate()
    }

    /// Replaces the content by a copy of bytes that a C library owns.
    package func fill(_ bytes: UnsafeRawBufferPointer) {
        cleanse()
        if unsafe storage.count < bytes.count {
            unsafe storage.deallocate()
            unsafe storage = .allocate(byteCount: max(bytes.count, Self.keptCapacity), alignment: 1)
        }
        unsafe storage.copyMemory(from: bytes)
        used = bytes.count
    }

    package func withSpan<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe UnsafeRawBufferPointer(start: storage.baseAddress, count: used)
        return try unsafe body(bytes.assumingMemoryBound(to: UInt8.self).span)
    }

    package func cleanse() {
        guard used > 0, let start = unsafe storage.baseAddress else { return }
        unsafe explicit_bzero(start, used)
        used = 0
        guard unsafe storage.count > Self.keptCapacity else { return }
        unsafe storage.deallocate()
        unsafe storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
}

extension SecretBuffer: CustomStringConvertible, CustomReflectable {
    package var description: String { "(\(count) secret bytes)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
