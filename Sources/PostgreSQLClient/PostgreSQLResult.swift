import CPostgreSQL

/// The result of a statement.
package struct PostgreSQLResult {
    /// A value as the server sent it.
    package enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        case null
        /// Of a type that no statement of ours returns.
        case other
    }

    package let rows: [[Value]]
    /// How many rows the statement changed or returned.
    package let count: Int
    /// The completed command, such as `COMMIT`; `ROLLBACK` where a commit was not possible.
    package let command: String
    let failure: PostgreSQLError?

    /// Frees `result`.
    init(_ result: OpaquePointer) {
        defer { unsafe PQclear(result) }
        let status = unsafe PQresultStatus(result)
        guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
            rows = []
            count = 0
            command = ""
            failure = unsafe .refused(
                code: Self.text(PQresultErrorField(result, cpostgresql_code)),
                Self.text(PQresultErrorField(result, cpostgresql_message)))
            return
        }
        failure = nil
        command = unsafe Self.text(PQcmdStatus(result))
        count = unsafe Int(Self.text(PQcmdTuples(result))) ?? 0
        let (rowCount, columns) = unsafe (PQntuples(result), PQnfields(result))
        rows = (0..<rowCount).map { row in (0..<columns).map { unsafe Self.value(result, row, $0) } }
    }

    private static func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32) -> Value {
        guard unsafe PQgetisnull(result, row, column) == 0 else { return .null }
        let text = unsafe text(PQgetvalue(result, row, column))
        // From pg_type.dat: int8, int2, int4; text, varchar, name.
        switch unsafe PQftype(result, column) {
        case 20, 21, 23: return Int64(text).map { .integer($0) } ?? .other
        case 25, 1043, 19: return .text(text)
        default: return .other
        }
    }

    private static func text(_ bytes: UnsafePointer<CChar>?) -> String {
        guard let bytes = unsafe bytes else { return "" }
        return unsafe String(cString: bytes)
    }
}
