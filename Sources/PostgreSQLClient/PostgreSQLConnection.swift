import CPostgreSQL
import Glibc

/// One connection. Its calls block the thread, until the time of `limit` at most; a server that does not answer until then has
/// lost the connection.
///
/// Used by one thread at a time.
@safe package final class PostgreSQLConnection {
    private let connection: OpaquePointer
    private var deadline: ContinuousClock.Instant

    /// Looks up the name and connects, which may take `connect_timeout` for each address.
    package init(_ address: PostgreSQLAddress, password: String?, patience: Duration) throws(PostgreSQLError) {
        let parameters = address.connecting(password: password)
        let connection = unsafe Self.withCStrings(parameters.map(\.keyword)) { keywords in
            unsafe Self.withCStrings(parameters.map(\.value)) { values in
                unsafe PQconnectdbParams(keywords, values, 0)
            }
        }
        guard let connection = unsafe connection else { throw .disconnected("out of memory") }
        guard unsafe PQstatus(connection) == CONNECTION_OK, unsafe PQsetnonblocking(connection, 1) == 0 else {
            defer { unsafe PQfinish(connection) }
            throw .disconnected(unsafe Self.line(PQerrorMessage(connection)))
        }
        unsafe cpostgresql_silence(connection)
        unsafe self.connection = connection
        deadline = .now + patience
    }

    /// The time that the following calls have together.
    func limit(to patience: Duration) { deadline = .now + patience }

    deinit { unsafe PQfinish(connection) }

    /// Runs one statement with the parameters `$1`, `$2`, … as text, or, without parameters, several that are separated by
    /// semicolons. Returns the last statement's result.
    @discardableResult
    package func execute(_ statement: String, _ parameters: [String?] = []) throws(PostgreSQLError) -> PostgreSQLResult
    {
        let sent =
            parameters.isEmpty
            ? unsafe PQsendQuery(connection, statement)
            : unsafe Self.withCStrings(parameters) { values in
                unsafe PQsendQueryParams(
                    connection, statement, Int32(parameters.count), nil, values, nil, nil, 0)
            }
        guard sent == 1 else { throw disconnected() }
        try flush()
        var last: PostgreSQLResult?
        while let result = try next() {
            // The results of statements that follow a refused one do not exist.
            if last?.failure == nil { last = result }
        }
        guard let last else { throw disconnected() }
        if let failure = last.failure {
            throw unsafe PQstatus(connection) == CONNECTION_OK ? failure : .disconnected(failure.description)
        }
        return last
    }

    /// Reads what the server sent unasked. True if there was a notification.
    func takeNotifications() throws(PostgreSQLError) -> Bool {
        guard unsafe PQconsumeInput(connection) == 1 else { throw disconnected() }
        var any = false
        while let notification = unsafe PQnotifies(connection) {
            unsafe PQfreemem(notification)
            any = true
        }
        return any
    }

    var socket: Int32 { unsafe PQsocket(connection) }

    private func flush() throws(PostgreSQLError) {
        while true {
            let rest = unsafe PQflush(connection)
            if rest == 0 { return }
            guard rest > 0 else { throw disconnected() }
            // The server may be sending too, and read nothing until we have read.
            try wait(for: POLLIN | POLLOUT)
            guard unsafe PQconsumeInput(connection) == 1 else { throw disconnected() }
        }
    }

    private func next() throws(PostgreSQLError) -> PostgreSQLResult? {
        while unsafe PQisBusy(connection) == 1 {
            try wait(for: POLLIN)
            guard unsafe PQconsumeInput(connection) == 1 else { throw disconnected() }
        }
        guard let result = unsafe PQgetResult(connection) else { return nil }
        return unsafe PostgreSQLResult(result)
    }

    private func wait(for events: Int32) throws(PostgreSQLError) {
        var watched = pollfd(fd: socket, events: Int16(events), revents: 0)
        let rest = max(0, (deadline - .now) / .milliseconds(1))
        let ready = unsafe poll(&watched, 1, Int32(rest.rounded(.up)))
        guard ready != 0 else { throw .disconnected("no answer in time") }
        guard ready > 0 || errno == EINTR else { throw disconnected() }
    }

    private func disconnected() -> PostgreSQLError {
        .disconnected(unsafe Self.line(PQerrorMessage(connection)))
    }

    /// libpq's messages end with a newline, and a failed connection has one for each address.
    private static func line(_ message: UnsafePointer<CChar>?) -> String {
        guard let message = unsafe message else { return "" }
        return unsafe String(cString: message).split(separator: "\n").joined(separator: "; ")
    }

    /// A null-terminated array, as libpq takes them.
    private static func withCStrings<Result>(
        _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = unsafe strings.map { text in unsafe text.map { unsafe strdup($0)! } }
        defer { unsafe copies.forEach { unsafe free($0) } }
        let pointers = unsafe copies.map { unsafe UnsafePointer($0) } + [nil]
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
    }
}
