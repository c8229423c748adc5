import Gateway
import Glibc
import PostgreSQLClient
import SecretMemory
import Storage
import Untrusted

/// The `store` setting.
enum StoreSetting: Sendable, Equatable, CustomStringConvertible {
    case memory
    /// An absolute path.
    case sqlite(String)
    /// `passwordFile` is read for each connection; nil where the address has the password, or none is needed.
    case postgreSQL(PostgreSQLAddress, passwordFile: String?)

    /// Nil for `postgresql://…` also: see `ReadStore`.
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
        // Without the password.
        case .postgreSQL(let address, _): "\(address)"
        }
    }

    /// Nil for a store without a file.
    var path: String? {
        switch self {
        case .memory, .postgreSQL: nil
        case .sqlite(let path): path
        }
    }

    var passwordFile: String? {
        if case .postgreSQL(_, let file) = self { file } else { nil }
    }

    /// Throws what `open` would, and creates and changes nothing. Does not connect.
    func check() throws {
        if let path { try StoreInspection.checkUsable(path) }
    }

    func open() throws -> any Store {
        switch self {
        case .memory: MemoryStore()
        case .sqlite(let path): try SQLiteStore(path: path)
        case .postgreSQL(let address, let file): try PostgreSQLStore(address, password: Self.password(file))
        }
    }

    private static func password(_ file: String?) -> @Sendable () throws -> String? {
        { try file.map { try ReadFile.secret($0).exposedText?.string ?? "" } }
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
        if case .postgreSQL(let address, let file) = self {
            return try PostgreSQLStore(address, createsTables: false, password: Self.password(file))
        }
        return try open()
    }
}
