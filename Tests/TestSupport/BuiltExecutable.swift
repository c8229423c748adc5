import Glibc

/// The executables that were built together with the tests.
package enum BuiltExecutable {
    /// The path of one, beside the running tests.
    package static func path(_ name: String) -> String {
        var link = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &link, link.count)
        let own = String(decoding: link.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/" + name
    }
}
