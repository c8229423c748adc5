import Glibc
import TestSupport

/// A file system of one mebibyte in memory (tmpfs(5)), mounted over a directory.
struct SmallDisk: Sendable {
    struct Failure: Error {}

    static let isPossible: Bool = {
        guard geteuid() == 0, let folder = try? TestFolder(), let disk = try? SmallDisk(at: folder.path + "/working")
        else { return false }
        disk.unmount()
        return true
    }()

    let path: String

    init(at path: String) throws {
        self.path = path
        guard unsafe mount("none", path, "tmpfs", 0, "size=1m") == 0 else { throw Failure() }
    }

    func unmount() { unsafe umount2(path, Int32(MNT_DETACH)) }
}
