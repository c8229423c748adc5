import Glibc
import SecretMemory

/// Writes files that hold secrets.
enum WriteFile {
    /// A new file for its owner alone, never through a link. An existing file is refused.
    static func create(_ path: String, _ content: SecretBytes, hint: String = "") throws(ReadFile.Failure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let hint = errno == EEXIST ? hint : ""
            throw ReadFile.Failure(message: "cannot create \(path): \(ReadFile.reason())\(hint)")
        }
        defer { close(descriptor) }
        do { try write(content, to: descriptor, path) } catch {
            // An incomplete file would make the next attempt fail.
            unsafe unlink(path)
            throw error
        }
    }

    /// Returns after the content is on the disk.
    static func write(_ content: SecretBytes, to descriptor: Int32, _ path: String) throws(ReadFile.Failure) {
        var written = 0
        while written < content.count {
            let count = unsafe content.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written)
            }
            guard count > 0 else { throw ReadFile.Failure(message: "cannot write \(path): \(ReadFile.reason())") }
            written += count
        }
        guard fsync(descriptor) == 0 else {
            throw ReadFile.Failure(message: "cannot write \(path): \(ReadFile.reason())")
        }
    }
}
