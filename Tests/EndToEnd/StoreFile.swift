import Foundation
import Glibc
import TestSupport

/// A SQLite file that another process has open, and what may happen to it.
struct StoreFile: Sendable {
    struct Failure: Error { let errno: Int32 }

    /// Of the file itself; its write-ahead log and that log's index have this with `-wal` and `-shm`.
    let path: String

    func size(of suffix: String) throws -> Int {
        var status = stat()
        guard unsafe stat(path + suffix, &status) == 0 else { throw Failure(errno: errno) }
        return Int(status.st_size)
    }

    /// No file of the process grows beyond `size` bytes; nil for no limit. Only the soft limit changes.
    func limit(of process: pid_t, to size: Int?, _ folder: TestFolder) throws {
        let words = ["prlimit", "--pid=\(process)", "--fsize=\(size.map(String.init) ?? "unlimited"):"]
        guard ChildProcess(words, in: folder.path, output: folder.path + "/prlimit")?.wait() == true else {
            throw Failure(errno: ESRCH)
        }
    }

    /// Writes a file until its file system is full.
    func fill(_ filler: String) throws {
        let descriptor = unsafe open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0, count: 4096)
        while unsafe write(descriptor, block, block.count) > 0 {}
        guard errno == ENOSPC else { throw Failure(errno: errno) }
    }

    /// The lock that `BEGIN EXCLUSIVE` of another process holds: of the byte WAL_WRITE_LOCK of the log's index
    /// (<https://www.sqlite.org/walformat.html#wal_locks>).
    func lock() throws -> Lock {
        let descriptor = unsafe open(path + "-shm", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        var region = flock()
        region.l_type = Int16(F_WRLCK)
        region.l_whence = Int16(SEEK_SET)
        region.l_start = 120
        region.l_len = 1
        guard unsafe fcntl(descriptor, F_SETLKW, &region) == 0 else { throw Failure(errno: errno) }
        return Lock(descriptor: descriptor)
    }

    struct Lock {
        let descriptor: Int32

        func release() { close(descriptor) }
    }

    /// Leaves nothing in the files; returns what was in them.
    func cut() throws -> [String: Data] {
        var content: [String: Data] = [:]
        for suffix in ["", "-wal"] {
            content[suffix] = try Data(contentsOf: URL(fileURLWithPath: path + suffix))
            guard unsafe truncate(path + suffix, 0) == 0 else { throw Failure(errno: errno) }
        }
        return content
    }

    /// Writes over all of the file and of its write-ahead log, in place, as a restore by mistake does.
    func overwrite() throws {
        for suffix in ["", "-wal"] {
            let size = try size(of: suffix)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path + suffix))
            try handle.write(contentsOf: Data((0..<size).map { _ in UInt8.random(in: 0...255) }))
            try handle.close()
        }
    }

    /// Puts the content back, into files that are there and into new ones.
    func restore(_ content: [String: Data]) throws {
        for (suffix, data) in content {
            let descriptor = unsafe open(path + suffix, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw Failure(errno: errno) }
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: data)
        }
    }
}
