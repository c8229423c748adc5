import GRDB
import Gateway
import Glibc

/// What a store's file holds, for `check` and `store check`. No file is changed or created: the command may run as another
/// user than the gateway, and beside one.
package struct StoreInspection: Sendable {
    /// The version of the tables; 0 before the first gateway used the file.
    package let version: Int
    /// How many rows each table has. Empty for a newer version, whose tables are unknown.
    package let rows: [(table: String, count: Int)]
    /// What `PRAGMA integrity_check` found; empty for a sound file.
    package let damage: [String]

    package static var newestVersion: Int { StoreMigrations.newest }

    /// Throws what would refuse the gateway's start. A missing file is none of that: the gateway creates it.
    package static func checkUsable(_ path: String) throws(UnusableStore) {
        guard try SQLiteFile.inspect(path) else { return }
        _ = try read(path) { try StoreMigrations.checkKnown(try StoreMigrations.version(in: $0)) }
    }

    /// Also refuses an older file, whose tables an opening would change under a running gateway of an earlier version.
    package static func checkCurrent(_ path: String) throws(UnusableStore) {
        try checkUsable(path)
        guard let version = try read(path, StoreMigrations.version(in:)), version < newestVersion else { return }
        throw UnusableStore(
            "its tables are of version \(version): the next start of a gateway makes \(newestVersion) of it")
    }

    /// Nil where there is no file.
    package init?(of path: String) throws(UnusableStore) {
        guard try SQLiteFile.inspect(path) else { return nil }
        try self.init(reading: path)
    }

    /// Of a file whose owner and mode need no check.
    init(reading path: String) throws(UnusableStore) {
        guard let found = try Self.read(path, Self.inspect) else {
            throw UnusableStore(
                "\(path)-wal has changes, but \(path)-shm is missing: only a gateway's start repairs that")
        }
        self = found
    }

    private init(version: Int, rows: [(table: String, count: Int)], damage: [String]) {
        self.version = version
        self.rows = rows
        self.damage = damage
    }

    private static func inspect(_ database: Database) throws -> StoreInspection {
        let connection = SQLiteConnection(database: database)
        let damage: [String] = try connection.rows("PRAGMA integrity_check(10)").map { try $0.at(0) }
        let version = try StoreMigrations.version(in: database)
        let isKnown = (1...StoreMigrations.newest).contains(version)
        let rows = try (isKnown ? StoreTables.names : []).map { table in
            let count: Int64 = try connection.rows("SELECT COUNT(*) FROM \(table)").first?.at(0) ?? 0
            return (table: table, count: Int(count))
        }
        return StoreInspection(version: version, rows: rows, damage: damage == ["ok"] ? [] : damage)
    }

    /// Nil for a write-ahead log without its index, which SQLite would have to create.
    private static func read<Result>(_ path: String, _ body: (Database) throws -> Result) throws(UnusableStore)
        -> Result?
    {
        do {
            for _ in 0..<5 {
                let state = State(path)
                if state.hasLog {
                    return SQLiteFile.identity(path + "-shm") == nil ? nil : try open(path, body)
                }
                // Without a log the file is complete. Opened in the usual way, SQLite would create a log and its index.
                let result = Swift.Result { try open("file:\(escaped(path))?immutable=1", body) }
                // Otherwise a gateway wrote to the file meanwhile.
                if State(path) == state { return try result.get() }
            }
            throw UnusableStore("\(path): another process keeps changing it")
        } catch let error as UnusableStore {
            throw error
        } catch {
            throw UnusableStore("\(path): \(SQLiteStore.message(of: error))")
        }
    }

    private static func open<Result>(_ name: String, _ body: (Database) throws -> Result) throws -> Result {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let file = try DatabaseQueue(path: name, configuration: configuration)
        defer { try? file.close() }
        return try file.read(body)
    }

    /// For a name that SQLite reads as a URI (<https://www.sqlite.org/uri.html>).
    private static func escaped(_ path: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        return path.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return plain.contains(byte) ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
        }.joined()
    }

    /// Changes with every write to the file or its log.
    private struct State: Equatable {
        private let parts: [[Int]]
        let hasLog: Bool

        init(_ path: String) {
            let parts = [path, path + "-wal"].map { file -> [Int] in
                var status = stat()
                guard unsafe lstat(file, &status) == 0 else { return [] }
                return [Int(status.st_ino), status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
            }
            self.parts = parts
            hasLog = parts[1].count > 1 && parts[1][1] > 0
        }
    }
}
