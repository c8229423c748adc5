import Glibc

/// Checks the database's file before SQLite opens it: owned by this user, no link, in a directory where no other user can
/// replace it.
enum SQLiteFile {
    static func prepare(_ path: String) throws(UnusableStore) {
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        try checkDirectory(directory.isEmpty ? "/" : directory)
        // SQLite puts its write-ahead log and its index beside the file, with the file's mode.
        for file in [path + "-wal", path + "-shm"] { try check(file, creating: false) }
        try check(path, creating: true)
    }

    /// The file itself, independent of its name.
    struct Identity: Sendable, Equatable {
        let device: UInt64
        let number: UInt64
    }

    /// Nil where there is no such file.
    static func identity(_ path: String) -> Identity? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }

    private static func checkDirectory(_ path: String) throws(UnusableStore) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw UnusableStore("cannot open the directory \(path): \(reason())") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw UnusableStore("cannot look at \(path)") }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw UnusableStore("the directory \(path) belongs to another user")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw UnusableStore("the directory \(path) can be written by others: run `chmod 700 \(path)`")
        }
    }

    private static func check(_ path: String, creating: Bool) throws(UnusableStore) {
        let flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (creating ? O_CREAT : 0)
        let descriptor = unsafe open(path, flags, 0o600)
        if descriptor < 0, errno == ENOENT, !creating { return }
        guard descriptor >= 0 else {
            let why = errno == ELOOP ? "it is a symbolic link" : reason()
            throw UnusableStore("cannot open \(path): \(why)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw UnusableStore("\(path) is not a plain file")
        }
        guard status.st_uid == geteuid() else { throw UnusableStore("\(path) belongs to another user") }
        guard status.st_nlink == 1 else { throw UnusableStore("\(path) has another name elsewhere (a hard link)") }
        guard status.st_mode & 0o077 == 0 else {
            throw UnusableStore("\(path) can be read by others: run `chmod 600 \(path)`")
        }
    }

    private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}

/// Why a store cannot be used: shown at the start.
package struct UnusableStore: Error, CustomStringConvertible, Equatable {
    package let description: String

    init(_ reason: String) { description = "the store cannot be used: \(reason)" }
}
