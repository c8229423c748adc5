import CPostgreSQL
import Glibc

/// Where a database is and how to connect to it: libpq's parameters
/// (<https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS>).
package struct PostgreSQLAddress: Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with a URI. The text never holds the URI's password.
    package struct Problem: Error, CustomStringConvertible {
        package let description: String
    }

    private var parameters: [String: String]

    /// Reads `postgresql://user@host:port/database?parameter=value`
    /// (<https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING>). Several hosts are tried in turn.
    ///
    /// Over the network the server's certificate and name are always checked. `certificates` is the file of accepted
    /// authorities where the URI names none.
    package init(_ uri: String, certificates: String = Self.systemCertificates) throws(Problem) {
        guard uri.hasPrefix("postgresql://") || uri.hasPrefix("postgres://"), !uri.utf8.contains(0) else {
            throw Problem(description: "it does not begin with postgresql://")
        }
        // libpq's own message quotes the URI.
        guard var given = Self.parse(uri) else {
            throw Problem(description: "it is no URI of libpq: write postgresql://user@host:5432/database")
        }
        guard given["dbname"] != nil else { throw Problem(description: "the database's name is missing") }
        // A password with these characters would be read as a part of the rest, and shown.
        let isPlain =
            given["port"]?.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ",") } ?? true
        guard isPlain, !["host", "hostaddr", "dbname"].contains(where: { given[$0]?.utf8.contains(0x40) ?? false })
        else { throw Problem(description: "a `/`, `:` or `@` in a user's name or password must be percent-encoded") }
        for name in ["PGHOSTADDR", "PGSERVICE"] where unsafe getenv(name) != nil {
            throw Problem(description: "the environment has \(name), which would choose another server: unset it")
        }
        guard given["service"] == nil else {
            throw Problem(description: "service= would choose the server in another file: give the host")
        }
        // Otherwise variables of the environment would choose the server.
        if given["host"] == nil, given["hostaddr"] == nil { given["host"] = "/var/run/postgresql" }
        if !Self.isLocal(given) {
            guard given["sslmode"] == nil || given["sslmode"] == "verify-full" else {
                throw Problem(
                    description:
                        "sslmode=\(given["sslmode"]!) does not check the server: use verify-full, or leave it out")
            }
            given["sslmode"] = "verify-full"
            given["sslrootcert"] = given["sslrootcert"] ?? certificates
        }
        parameters = given.merging(Self.defaults) { own, _ in own }
        parameters["client_encoding"] = "UTF8"
    }

    package static let systemCertificates = "/etc/ssl/certs/ca-certificates.crt"

    private static let defaults = [
        "application_name": "sso-gateway",
        // For each address, in seconds.
        "connect_timeout": "3",
        "gssencmode": "disable",
        // Ends connections that a firewall has dropped without a word. In seconds, and milliseconds.
        "keepalives_idle": "30",
        "tcp_user_timeout": "6000",
        // After a failover the old server may still be there, without the right to write.
        "target_session_attrs": "read-write",
    ]

    package var hasPassword: Bool { parameters["password"] != nil }

    /// For the log and for `check`: without the password.
    package var description: String {
        let hosts = parameters["host"] ?? parameters["hostaddr"] ?? ""
        let user = parameters["user"].map { $0 + "@" } ?? ""
        let port = parameters["port"].map { ":" + $0 } ?? ""
        let database = parameters["dbname"] ?? ""
        return hosts.hasPrefix("/")
            ? "postgresql://\(user)/\(database)?host=\(hosts)" : "postgresql://\(user)\(hosts)\(port)/\(database)"
    }

    /// The keywords and values for libpq.
    func connecting(password: String?) -> [(keyword: String, value: String)] {
        var all = parameters
        if let password { all["password"] = password }
        return all.map { (keyword: $0.key, value: $0.value) }
    }

    private static func parse(_ uri: String) -> [String: String]? {
        guard let options = unsafe PQconninfoParse(uri, nil) else { return nil }
        defer { unsafe PQconninfoFree(options) }
        var found: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe found[String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
        return found.filter { !$0.value.isEmpty }
    }

    /// Whether every host is this machine: then nothing on the way can read or change what is sent.
    private static func isLocal(_ parameters: [String: String]) -> Bool {
        // Where both are given, libpq connects to `hostaddr`.
        let hosts = parameters["hostaddr"] ?? parameters["host"] ?? ""
        return hosts.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { host in
            host.hasPrefix("/") || host == "localhost" || host == "::1" || isLoopback(host)
        }
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
