import Gateway
import Glibc
import Storage

/// The `store` setting.
enum StoreSetting: Sendable, Equatable, CustomStringConvertible {
    case memory
    /// An absolute path.
    case sqlite(String)

    init?(_ text: String) {
        let scheme = "sqlite:"
        if text == "memory" {
            self = .memory
        } else if text.hasPrefix(scheme + "/"), !text.hasSuffix("/"), !text.utf8.contains(0) {
            self = .sqlite(String(text.dropFirst(scheme.count)))
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .memory: "memory"
        case .sqlite(let path): "sqlite:\(path)"
        }
    }

    /// Nil for a store in memory.
    var path: String? {
        switch self {
        case .memory: nil
        case .sqlite(let path): path
        }
    }

    /// Throws what `open` would, and creates and changes nothing.
    func check() throws {
        if let path { try StoreInspection.checkUsable(path) }
    }

    func open() throws -> any Store {
        switch self {
        case .memory: MemoryStore()
        case .sqlite(let path): try SQLiteStore(path: path)
        }
    }

    /// The path of a store whose file does not exist.
    var missingFile: String? {
        guard let path, unsafe access(path, F_OK) != 0, errno == ENOENT else { return nil }
        return path
    }

    /// For commands that only look: makes no file, which would be theirs and not the gateway's, and changes no tables.
    func openIfThere() throws -> any Store {
        if missingFile != nil { return MemoryStore() }
        if let path { try StoreInspection.checkCurrent(path) }
        return try open()
    }
}
