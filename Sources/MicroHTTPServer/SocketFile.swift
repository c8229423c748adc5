import Glibc

/// The file of a Unix socket that a server has made.
struct SocketFile: Sendable {
    private let path: String
    private let device: UInt64
    private let number: UInt64

    /// Nil where nothing has this name.
    init?(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        self.path = path
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }

    /// Removes the file, unless another server has put its own in its place.
    func remove() {
        guard let there = SocketFile(path), there.device == device, there.number == number else { return }
        unsafe unlink(path)
    }

    /// Refuses a directory in which other users could replace the socket: clients would send them what is meant for this
    /// server. A sticky directory such as /tmp lets only the owner of a file remove it. `forOwnerOnly`: also refuses another
    /// user's directory, which a proxy's may be.
    static func checkDirectory(of path: String, forOwnerOnly: Bool) throws(ServerStartError) {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let directory = end == path.startIndex ? "/" : String(path[..<end])
        var status = stat()
        guard unsafe stat(directory, &status) == 0 else {
            throw .addressUnusable(address: "unix:\(path)", reason: reason())
        }
        let isOthers = forOwnerOnly && status.st_uid != geteuid() && status.st_uid != 0
        let isWritable = status.st_mode & 0o002 != 0 && status.st_mode & S_ISVTX == 0
        guard !isOthers, !isWritable else {
            throw .addressUnusable(
                address: "unix:\(path)",
                reason: "other users can replace files in \(directory): give it to this user, with mode 0755 or less")
        }
    }
}
