import Glibc

/// Checks the database's file before SQLite opens it: owned by this user, no link, in a directory where no other user can
/// replace it.
enum SQLiteFile {
    static func prepare(_ path: String) throws(UnusableStore) {
        let user = geteuid()
        try checkDirectory(directory(of: path), of: user)
        // SQLite puts its write-ahead log and its index beside the file, with the file's mode.
        for file in [path + "-wal", path + "-shm"] { try check(file, of: user, creating: false) }
        try check(path, of: user, creating: true)
    }

    /// The checks of `prepare`, without creating a file. Returns whether the file exists.
    static func inspect(_ path: String) throws(UnusableStore) -> Bool {
        let directory = directory(of: path)
        var status = stat()
        // The superuser checks for the service, whose user owns the directory.
        let isForAnother = unsafe geteuid() == 0 && stat(directory, &status) == 0
        let user = isForAnother ? status.st_uid : geteuid()
        try checkDirectory(directory, of: user)
        for file in [path + "-wal", path + "-shm"] { try check(file, of: user, creating: false) }
        return try check(path, of: user, creating: false)
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

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The system's message for the last failed call.
    static func reason() -> String { unsafe String(cString: strerror(errno)) }

    private static func checkDirectory(_ path: String, of user: uid_t) throws(UnusableStore) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw UnusableStore("cannot open the directory \(path): \(reason())") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw UnusableStore("cannot look at \(path)") }
        guard status.st_uid == user || status.st_uid == 0 else {
            throw UnusableStore("the directory \(path) belongs to another user")
        }
        // Kubernetes gives a volume to root and the pod's group, which may write (`fsGroup`). Another user of the gateway's own
        // group may read its secrets anyway.
        let isOfOwnGroup = status.st_uid == 0 && user != 0 && status.st_gid == getegid()
        guard status.st_mode & (isOfOwnGroup ? 0o002 : 0o022) == 0 else {
            throw UnusableStore("the directory \(path) can be written by others: run `chmod 700 \(path)`")
        }
        // SQLite creates files beside the database.
        guard unsafe access(path, W_OK | X_OK) == 0 else {
            throw UnusableStore("cannot write to the directory \(path): \(reason())")
        }
    }

    /// Returns whether the file exists.
    @discardableResult
    private static func check(_ path: String, of user: uid_t, creating: Bool) throws(UnusableStore) -> Bool {
        let flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (creating ? O_CREAT : 0)
        let descriptor = unsafe open(path, flags, 0o600)
        if descriptor < 0, errno == ENOENT, !creating { return false }
        guard descriptor >= 0 else {
            let why = errno == ELOOP ? "it is a symbolic link" : reason()
            throw UnusableStore("cannot open \(path): \(why)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw UnusableStore("\(path) is not a plain file")
        }
        guard status.st_uid == user else { throw UnusableStore("\(path) belongs to another user") }
        guard status.st_nlink == 1 else { throw UnusableStore("\(path) has another name elsewhere (a hard link)") }
        guard status.st_mode & 0o077 == 0 else {
            throw UnusableStore("\(path) can be read by others: run `chmod 600 \(path)`")
        }
        return true
    }
}

/// Why a store cannot be used: shown at the start.
package struct UnusableStore: Error, CustomStringConvertible, Equatable {
    let reason: String
    package var description: String { "the store cannot be used: \(reason)" }

    init(_ reason: String) { self.reason = reason }
}
