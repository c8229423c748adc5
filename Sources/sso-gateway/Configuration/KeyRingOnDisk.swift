import Gateway
import Glibc
import SecretMemory

/// The key ring's file: read as every secret, written for us alone (mode 0600), never through a link where it is made.
enum KeyRingOnDisk {
    static func load(_ path: String, shownAs shown: String? = nil) throws(ReadFile.Failure) -> KeyRingFile {
        let name = shown ?? path
        let hint = "; `sso-gateway keys generate --key-ring \(name)` makes one"
        let content = try ReadFile.secretContent(path, shownAs: name, ifAbsent: hint)
        do { return try KeyRingFile(parsing: content) } catch {
            throw ReadFile.Failure(message: "\(name) is not a key ring: \(error)")
        }
    }

    /// Writes a fresh ring; refuses where something is already.
    static func create(_ path: String, now: Int64) throws(ReadFile.Failure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let hint = errno == EEXIST ? ": a ring is never overwritten" : ""
            throw ReadFile.Failure(message: "cannot create \(path): \(ReadFile.reason())\(hint)")
        }
        defer { close(descriptor) }
        try write(KeyRingFile(now: now), to: descriptor, path)
    }

    /// Changes a ring: the whole new file takes the old one's place at once, with its owner, group and mode. Whatever fails,
    /// the old file is still there.
    static func change<Result>(_ path: String, _ body: (inout KeyRingFile) throws -> Result) throws -> Result {
        guard let resolved = unsafe realpath(path, nil) else {
            throw ReadFile.Failure(message: "cannot read \(path): \(ReadFile.reason())")
        }
        defer { unsafe free(resolved) }
        let target = unsafe String(cString: resolved)
        // The new file's name is a lock as well: two changes at once would lose one.
        let fresh = target + ".new"
        let descriptor = unsafe open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let hint =
                errno == EEXIST ? ": another change is under way, or one was cut off; then remove that file" : ""
            throw ReadFile.Failure(message: "cannot create \(fresh): \(ReadFile.reason())\(hint)")
        }
        var isDone = false
        defer {
            close(descriptor)
            if !isDone { unsafe unlink(fresh) }
        }
        var ring = try load(target, shownAs: path)
        let result = try body(&ring)
        var status = stat()
        guard unsafe stat(target, &status) == 0, fchown(descriptor, status.st_uid, status.st_gid) == 0,
            fchmod(descriptor, status.st_mode & 0o777) == 0
        else {
            throw ReadFile.Failure(message: "cannot give \(fresh) the owner of \(path): \(ReadFile.reason())")
        }
        try write(ring, to: descriptor, fresh)
        guard unsafe rename(fresh, target) == 0 else {
            throw ReadFile.Failure(message: "cannot replace \(path): \(ReadFile.reason())")
        }
        isDone = true
        return result
    }

    private static func write(_ ring: KeyRingFile, to descriptor: Int32, _ path: String) throws(ReadFile.Failure) {
        var document = ring.document
        defer { document.cleanse() }
        let written = unsafe document.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == document.count, fsync(descriptor) == 0 else {
            throw ReadFile.Failure(message: "cannot write \(path): \(ReadFile.reason())")
        }
    }
}
