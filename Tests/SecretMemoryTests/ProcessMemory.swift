import Foundation

/// What the kernel sees at an address: the block may be nobody's by now, so Swift must not look itself.
enum ProcessMemory {
    static func read(at address: UInt64, count: Int) throws -> [UInt8] {
        let memory = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/mem"))
        try memory.seek(toOffset: address)
        return try memory.read(upToCount: count).map(Array.init) ?? []
    }

    /// Whether eight bytes of a secret that is `byte` all over are left. Single ones say nothing: the block may hold what
    /// somebody else has written since.
    static func holds(_ byte: UInt8, at address: UInt64, count: Int) throws -> Bool {
        try read(at: address, count: count).split { $0 != byte }.contains { $0.count >= 8 }
    }
}
