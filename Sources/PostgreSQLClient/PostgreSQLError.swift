/// Why a call of PostgreSQL failed. The texts are for operators; they hold no value of a statement.
package enum PostgreSQLError: Error, Equatable, CustomStringConvertible {
    /// There is no connection, or it broke: whether a commit that was under way took effect is unknown.
    case disconnected(String)
    /// The server refused a statement. `code`: <https://www.postgresql.org/docs/15/errcodes-appendix.html>
    case refused(code: String, String)

    package var description: String {
        switch self {
        case .disconnected(let why): why
        case .refused(let code, let why): "\(code) \(why)"
        }
    }
}
