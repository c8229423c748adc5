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

    /// Writes a file and returns its path.
    @discardableResult
    package func write(_ name: String, _ content: String) throws -> String {
        let path = path(name)
        guard let file = unsafe fopen(path, "w") else { throw Failure() }
        defer { unsafe fclose(file) }
        let bytes = Array(content.utf8)
        guard unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure() }
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
