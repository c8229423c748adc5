import Glibc
import SecretMemory
import Untrusted

/// Reads whole files of at most 1 MiB.
enum ReadFile {
    struct Failure: Error, CustomStringConvertible {
        let message: String
        var description: String { message }
    }

    static let maximumSize = 1 << 20
    /// In seconds. A file that was written more recently may be incomplete.
    private static let settlingTime = 1

    /// Waits until nothing has been written to a plain file for a second, so that no half-written file is read.
    static func untilSteady(_ path: String) async throws {
        for _ in 0..<20 {
            var (status, now) = (stat(), timespec())
            guard unsafe stat(path, &status) == 0 else { throw Failure(message: "cannot read \(path): \(reason())") }
            guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(message: "\(path) is not a plain file") }
            unsafe clock_gettime(CLOCK_REALTIME, &now)
            let age = now.tv_sec - status.st_mtim.tv_sec
            // A time in the future is no reason to wait: the clock may have been set back.
            if age > settlingTime || age < 0 { return }
            try await Task.sleep(for: .milliseconds(250))
        }
        throw Failure(message: "\(path) was still being written after 5 seconds")
    }

    /// The text of a plain file.
    static func plainText(_ path: String) throws(Failure) -> String {
        guard let text = try plainBytes(path).exposedText else { throw Failure(message: "\(path) is not UTF-8 text") }
        return text.string
    }

    /// The content of a plain file. A pipe is refused, because reading one would wait for its writer.
    static func plainBytes(_ path: String) throws(Failure) -> SecretBytes {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(message: "cannot read \(path): \(Self.reason())") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(message: "\(path) is not a plain file")
        }
        return try bytes(of: descriptor, path)
    }

    /// The names in a directory, sorted.
    static func names(in directory: String) throws(Failure) -> [String] {
        guard let stream = unsafe opendir(directory) else {
            throw Failure(message: "cannot read the directory \(directory): \(reason())")
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func text(_ path: String) throws(Failure) -> String {
        guard let text = try bytes(path).exposedText else { throw Failure(message: "\(path) is not UTF-8 text") }
        return text.string
    }

    /// A secret, without the line end that editors add.
    static func secret(_ path: String, shownAs shown: String? = nil, from source: SecretSource = .file)
        throws(Failure) -> SecretBytes
    {
        withoutLineEnd(try secretContent(path, shownAs: shown, from: source))
    }

    static func withoutLineEnd(_ content: SecretBytes) -> SecretBytes {
        var end = content.count
        while end > 0, content[end - 1] == UInt8(ascii: "\n") || content[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return content[0..<end]
    }

    static func bytes(_ path: String) throws(Failure) -> SecretBytes {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(message: "cannot read \(path): \(Self.reason())") }
        defer { close(descriptor) }
        return try bytes(of: descriptor, path)
    }

    /// `limit` in bytes.
    static func bytes(of descriptor: Int32, _ path: String, atMost limit: Int = maximumSize) throws(Failure)
        -> SecretBytes
    {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        defer {
            content.cleanse()
            chunk.cleanse()
        }
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw Failure(message: "cannot read \(path): \(Self.reason())") }
            if count == 0 { return SecretBytes(content) }
            guard content.count + count <= limit else {
                throw Failure(message: "\(path) is larger than \(limit / maximumSize) MiB")
            }
            content += chunk[0..<count]
        }
    }

    /// The system's message for the last failed call.
    static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
