import Gateway
import Glibc
import SecretMemory

/// The key ring's file: read as every secret, written for us alone (mode 0600), never through a link, never overwritten.
enum KeyRingOnDisk {
    static func load(_ path: String, shownAs shown: String? = nil) throws(ReadFile.Failure) -> KeyRing {
        let name = shown ?? path
        let hint = "; `sso-gateway keys generate --key-ring \(name)` makes one"
        let content = try ReadFile.secretContent(path, shownAs: name, ifAbsent: hint)
        do { return try KeyRingFile.parse(content) } catch {
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
        var document = Array(KeyRingFile.generate(now: now).utf8)
        defer { document.cleanse() }
        let written = unsafe document.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard written == document.count, fsync(descriptor) == 0 else {
            throw ReadFile.Failure(message: "cannot write \(path): \(ReadFile.reason())")
        }
    }
}
