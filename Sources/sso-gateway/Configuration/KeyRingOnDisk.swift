import Gateway
import Glibc
import SecretMemory

/// The key ring's file. It is read like every secret file, and created with mode 0600 and never through a link.
enum KeyRingOnDisk {
    static func load(_ path: String, shownAs shown: String? = nil) throws(ReadFile.Failure) -> KeyRingFile {
        let name = shown ?? path
        let hint = "; `sso-gateway keys generate --key-ring \(name)` makes one"
        let content = try ReadFile.secretContent(path, shownAs: name, ifAbsent: hint)
        do { return try KeyRingFile(parsing: content) } catch {
            throw ReadFile.Failure(message: "\(name) is not a key ring: \(error)")
        }
    }

    /// Creates a ring. An existing file is refused.
    static func create(_ path: String, now: Int64) throws(ReadFile.Failure) {
        try WriteFile.create(path, content(of: KeyRingFile(now: now)), hint: ": a ring is never overwritten")
    }

    /// Changes a ring. A complete new file replaces the old one by `rename`, with the old one's owner, group and mode. After
    /// a failure the old file is unchanged.
    static func change<Result>(_ path: String, _ body: (inout KeyRingFile) throws -> Result) throws -> Result {
        guard let resolved = unsafe realpath(path, nil) else {
            throw ReadFile.Failure(message: "cannot read \(path): \(ReadFile.reason())")
        }
        defer { unsafe free(resolved) }
        let target = unsafe String(cString: resolved)
        let fresh = target + ".new"
        let descriptor = try lockedFile(fresh)
        var isDone = false
        defer {
            if !isDone { unsafe unlink(fresh) }
            close(descriptor)
        }
        var ring = try load(target, shownAs: path)
        let result = try body(&ring)
        var status = stat()
        guard unsafe stat(target, &status) == 0, fchown(descriptor, status.st_uid, status.st_gid) == 0,
            fchmod(descriptor, status.st_mode & 0o777) == 0
        else {
            throw ReadFile.Failure(message: "cannot give \(fresh) the owner of \(path): \(ReadFile.reason())")
        }
        try WriteFile.write(content(of: ring), to: descriptor, fresh)
        guard unsafe rename(fresh, target) == 0 else {
            throw ReadFile.Failure(message: "cannot replace \(path): \(ReadFile.reason())")
        }
        isDone = true
        return result
    }

    /// The new file is locked, because two changes at the same time would lose one. The kernel releases the lock when the
    /// process ends, so the file of a change that was cut off is overwritten.
    private static func lockedFile(_ path: String) throws(ReadFile.Failure) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            throw ReadFile.Failure(message: "cannot create \(path): \(ReadFile.reason())")
        }
        var (own, there) = (stat(), stat())
        // Another change may have renamed the file between `open` and `flock`.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, unsafe fstat(descriptor, &own) == 0,
            unsafe lstat(path, &there) == 0, own.st_ino == there.st_ino, own.st_dev == there.st_dev
        else {
            close(descriptor)
            throw ReadFile.Failure(message: "another change of \(path) is under way: try again")
        }
        guard own.st_mode & S_IFMT == S_IFREG, own.st_uid == geteuid(), own.st_nlink == 1,
            fchmod(descriptor, 0o600) == 0, ftruncate(descriptor, 0) == 0
        else {
            close(descriptor)
            throw ReadFile.Failure(message: "\(path) exists and does not belong to this change: remove it")
        }
        return descriptor
    }

    private static func content(of ring: KeyRingFile) -> SecretBytes {
        var document = ring.document
        defer { document.cleanse() }
        return SecretBytes(document)
    }
}
