import Glibc
import SecretMemory

/// A journal's file: lines that are only appended, each on disk before the next step. What it says is believed, so no other user
/// may be able to write to it.
final class JournalFile {
    typealias Problem = BatchJournal.Problem

    let path: String
    private let descriptor: Int32

    /// `others`: the files that the same command reads, with words for them. None of them may become the journal.
    init(_ path: String, create: Bool, others: [(what: String, path: String)]) throws(Problem) {
        self.path = path
        descriptor = try Self.open(path, create: create, others)
    }

    deinit { close(descriptor) }

    private static func open(
        _ path: String, create: Bool, _ others: [(what: String, path: String)]
    ) throws(Problem) -> Int32 {
        // Without O_NONBLOCK a device or a pipe could make the command wait for ever.
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        let descriptor = unsafe Glibc.open(path, flags | (create ? O_CREAT : 0), 0o600)
        guard descriptor >= 0 else {
            let reason = errno == ELOOP ? "a symbolic link is not followed" : ReadFile.reason()
            throw Problem("cannot open \(path): \(reason)")
        }
        do throws(Problem) {
            try check(descriptor, path, others)
            // Two processes would send everything twice. The lock ends with the process, however that ends.
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw Problem("\(path) is in use: another process is sending this file.")
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func check(
        _ descriptor: Int32, _ path: String, _ others: [(what: String, path: String)]
    ) throws(Problem) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Problem("cannot read \(path): \(ReadFile.reason())") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Problem("\(path) is not a plain file.") }
        for other in others {
            var found = stat()
            guard unsafe stat(other.path, &found) == 0 else { continue }
            guard found.st_dev != status.st_dev || found.st_ino != status.st_ino else {
                throw Problem("\(path) is the \(other.what): give another --journal.")
            }
        }
        guard status.st_uid == geteuid() else {
            throw Problem("\(path) belongs to another user: only a journal of your own is believed.")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw Problem("\(path) can be written by other users. Look at its lines, then run chmod go-w.")
        }
        guard status.st_nlink == 1 else { throw Problem("\(path) has a second name (a hard link): remove one.") }
    }

    /// The whole content. `limit` in bytes.
    func read(atMost limit: Int) throws(Problem) -> [UInt8] {
        do { return try ReadFile.bytes(of: descriptor, path, atMost: limit).exposedBytes } catch {
            throw Problem(error.message)
        }
    }

    /// Drops what is behind the first `length` bytes.
    func cut(to length: Int) throws(Problem) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw unwritable(path) }
    }

    /// Puts a line on disk.
    func append(_ line: [UInt8]) throws(Problem) {
        let line = line + [UInt8(ascii: "\n")]
        var written = 0
        while written < line.count {
            let count = unsafe line[written...].withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw unwritable(path) }
            written += max(count, 0)
        }
        guard fsync(descriptor) == 0 else { throw unwritable(path) }
    }

    /// So that the file's name, too, outlives a loss of power.
    func syncFolder() throws(Problem) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let name = path.contains("/") ? (folder.isEmpty ? "/" : folder) : "."
        let opened = unsafe Glibc.open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw Problem("cannot open \(name): \(ReadFile.reason())") }
        defer { close(opened) }
        guard fsync(opened) == 0 else { throw unwritable(name) }
    }

    private func unwritable(_ name: String) -> Problem { Problem("cannot write \(name): \(ReadFile.reason())") }
}
