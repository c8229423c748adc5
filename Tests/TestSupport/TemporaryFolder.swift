import Glibc

/// A folder of a test's own, gone with the value.
package final class TemporaryFolder: Sendable {
    package let root: String

    package struct Failure: Error {}

    package init() throws {
        var template = Array("/tmp/sso-gateway-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw Failure() }
        root = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    }

    deinit { Self.remove(root) }

    package func path(_ name: String) -> String { "\(root)/\(name)" }

    /// Writes a file, for its owner alone where it is new, and returns its path.
    @discardableResult
    package func write(_ name: String, _ content: String) throws -> String {
        let path = path(name)
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure() }
        defer { close(file) }
        let bytes = Array(content.utf8)
        guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Failure() }
        return path
    }

    private static func remove(_ path: String) {
        if let folder = unsafe opendir(path) {
            while let entry = unsafe readdir(folder) {
                let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            unsafe closedir(folder)
        }
        unsafe Glibc.remove(path)
    }
}
