import Gateway
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

    func open() throws -> any Store {
        switch self {
        case .memory: MemoryStore()
        case .sqlite(let path): try SQLiteStore(path: path)
        }
    }
}
