import Glibc
import SecretMemory

/// A body while it arrives. It grows by moving to a larger block and overwriting the old one.
@safe struct ResponseBody: ~Copyable {
    private var block: UnsafeMutableRawBufferPointer = unsafe .init(start: nil, count: 0)
    private var count = 0
    private let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    deinit { unsafe Self.discard(block) }

    /// Reserves capacity for a body of known length.
    mutating func reserve(_ size: Int) {
        if unsafe size > block.count { move(to: min(size, maximum)) }
    }

    /// False when the bytes would make the body longer than it may be; nothing is added then.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= maximum - count else { return false }
        guard let start = bytes.baseAddress, bytes.count > 0 else { return true }
        let needed = count + bytes.count
        if unsafe needed > block.count { unsafe move(to: min(maximum, max(4096, block.count * 2, needed))) }
        unsafe (block.baseAddress! + count).copyMemory(from: start, byteCount: bytes.count)
        count = needed
        return true
    }

    func secretBytes() -> SecretBytes {
        unsafe SecretBytes(count: count) { target in
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[0..<count]))
        }
    }

    private mutating func move(to size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[0..<count]))
        unsafe Self.discard(block)
        unsafe block = larger
    }

    private static func discard(_ block: UnsafeMutableRawBufferPointer) {
        guard let start = block.baseAddress else { return }
        unsafe explicit_bzero(start, block.count)
        unsafe block.deallocate()
    }
}
