import Glibc

/// A look at a CA file before anything depends on it, so that a mistake stops the start and not the first login.
enum CAFile {
    private static let maximumSize = 4 * 1024 * 1024

    static func check(_ path: String) throws(ClientSetupError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .caFileUnreadable(path: path, errno: errno) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while content.count <= maximumSize {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw .caFileUnreadable(path: path, errno: errno) }
            if count == 0 { break }
            content += chunk[0..<count]
        }
        guard String(decoding: content, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
            throw .caFileHoldsNoCertificate(path: path)
        }
    }
}
