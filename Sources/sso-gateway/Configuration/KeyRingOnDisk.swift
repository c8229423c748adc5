import Gateway
import Glibc
import SecretMemory

/// The key ring's file: ours alone (mode 0600, our own user), a plain file and no link, never overwritten.
enum KeyRingOnDisk {
    static func load(_ path: String) throws(ReadFile.Failure) -> KeyRing {
        // The checks are of the open file, so that nobody can swap it between a check and the reading.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            let hint = errno == ENOENT ? "; `sso-gateway keys generate --key-ring \(path)` makes one" : ""
            throw ReadFile.Failure(message: "cannot read \(path): \(ReadFile.reason())\(hint)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ReadFile.Failure(message: "\(path) is not a plain file")
        }
        guard status.st_uid == geteuid() else { throw ReadFile.Failure(message: "\(path) belongs to another user") }
        guard status.st_mode & 0o077 == 0 else {
            throw ReadFile.Failure(message: "\(path) can be read by others: run `chmod 600 \(path)`")
        }
        let content = try ReadFile.bytes(of: descriptor, path)
        do { return try KeyRingFile.parse(content) } catch {
            throw ReadFile.Failure(message: "\(path) is not a key ring: \(error)")
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
        var document = Array(KeyRingFile.generate(now: now).utf8)
        defer { document.cleanse() }
        let written = unsafe document.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard written == document.count, fsync(descriptor) == 0 else {
            throw ReadFile.Failure(message: "cannot write \(path): \(ReadFile.reason())")
        }
    }
}
