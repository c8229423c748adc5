import Gateway

/// A database connection inside one transaction: the same statements run on SQLite and on PostgreSQL.
///
/// Parameters are `$1`, `$2`, … in the order of their first use.
package protocol StoreConnection {
    /// Returns how many rows the statement changed.
    @discardableResult
    func run(_ statement: String, _ values: [(any StoreValue)?]) throws -> Int
    /// The rows that the statement returns.
    func rows(_ statement: String, _ values: [(any StoreValue)?]) throws -> [StoreRow]
}

extension StoreConnection {
    func rows(_ statement: String) throws -> [StoreRow] { try rows(statement, []) }
}

/// What a column holds: text or an integer.
package protocol StoreValue: Sendable {}

extension String: StoreValue {}
extension Int64: StoreValue {}

/// Many pairs of values in one statement, because each statement costs a round trip.
enum Pairs {
    /// Limits the number of different statements that a connection keeps.
    static let most = 32

    /// `($1, $2), ($3, $4), …`
    static func parameters(_ count: Int) -> String {
        (0..<count).map { "($\(2 * $0 + 1), $\(2 * $0 + 2))" }.joined(separator: ", ")
    }
}

extension Array {
    func parts(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}

extension [(any StoreValue)?] {
    /// Databases end a text at its first NUL, so two keys could become equal.
    func checkStorable() throws(StoreError) {
        for case let text as String in self where text.utf8.contains(0) {
            throw .unstorable("text with a NUL byte")
        }
    }
}

/// A row of a result.
package struct StoreRow {
    private let values: [(any StoreValue)?]

    init(_ values: [(any StoreValue)?]) { self.values = values }

    /// The value in a column; a damaged database may hold another type, or nothing.
    func at<Value: StoreValue>(_ column: Int) throws(StoreError) -> Value {
        guard let value: Value = try optional(column) else {
            throw .unreadable("a value of another type than its column")
        }
        return value
    }

    /// Nil for NULL.
    func optional<Value: StoreValue>(_ column: Int) throws(StoreError) -> Value? {
        guard let stored = values[column] else { return nil }
        guard let value = stored as? Value else { throw .unreadable("a value of another type than its column") }
        return value
    }
}
