import TestSupport
import Testing

@testable import PostgreSQLClient

@Suite struct PostgreSQLAddressTests {
    private func parameters(_ uri: String) throws -> [String: String] {
        let address = try PostgreSQLAddress(uri)
        return Dictionary(uniqueKeysWithValues: address.connecting(password: nil).map { ($0.keyword, $0.value) })
    }

    @Test(arguments: [
        "postgresql://gateway@db.example/sso", "postgres://db.example:6432/sso", "postgresql://10.0.0.7/sso",
        "postgresql://localhost,db.example/sso", "postgresql://localhost.example/sso",
        "postgresql://127.0.0.1.example/sso",
        "postgresql://localhost/sso?hostaddr=10.0.0.7", "postgresql:///sso?host=db.example",
        "postgresql://[fd00::1]/sso",
        "postgresql://db.example/sso?sslmode=verify-full",
    ])
    func `over the network the server's certificate and name are checked`(_ uri: String) throws {
        let parameters = try parameters(uri)
        #expect(parameters["sslmode"] == "verify-full")
        #expect(parameters["sslrootcert"] == PostgreSQLAddress.systemCertificates)
    }

    @Test(arguments: ["disable", "allow", "prefer", "require", "verify-ca"])
    func `a weaker check is refused over the network`(_ mode: String) {
        #expect(throws: PostgreSQLAddress.Problem.self) {
            try PostgreSQLAddress("postgresql://db.example/sso?sslmode=\(mode)")
        }
        #expect(throws: Never.self) { try PostgreSQLAddress("postgresql://127.0.0.1/sso?sslmode=\(mode)") }
    }

    @Test(arguments: [
        "postgresql:///sso?host=/run/postgresql", "postgresql://%2Frun%2Fpostgresql/sso", "postgresql://localhost/sso",
        "postgresql://127.0.0.1:5432/sso", "postgresql://127.8.9.1/sso", "postgresql://[::1]/sso",
        "postgresql://127.0.0.1,[::1]/sso", "postgresql://db.example/sso?hostaddr=127.0.0.1",
    ])
    func `on this machine no certificate is needed`(_ uri: String) throws {
        #expect(try parameters(uri)["sslmode"] == nil)
    }

    @Test func `the environment does not choose the server`() throws {
        #expect(try parameters("postgresql:///sso")["host"] == "/var/run/postgresql")
    }

    @Test(arguments: [
        "", "postgresql", "mysql://db.example/sso", "postgresql://db.example", "postgresql://db.example/",
        "host=db.example",
        "postgresql://db.example/sso?service=other", "postgresql://gw:hunter2/x@db.example:5432/sso",
        "postgresql://gw:p@hunter2@db.example/sso", "postgresql://gw:a/hunter2@db.example/sso",
        "postgresql://db.example/sso?nonsense=1", "postgresql://[::1/sso",
        "postgresql://user:hunter2@db.example:x%/sso",
    ])
    func `what is no address is refused without its password`(_ uri: String) {
        let problem = #expect(throws: PostgreSQLAddress.Problem.self) { try PostgreSQLAddress(uri) }
        #expect(problem?.description.contains("hunter2") == false)
    }

    @Test(arguments: [
        ("postgresql://user:hunter2@db.example:6432/sso", "postgresql://user@db.example:6432/sso"),
        ("postgresql://db.example/sso?password=hunter2", "postgresql://db.example/sso"),
        ("postgresql://user@/sso?host=/run/postgresql", "postgresql://user@/sso?host=/run/postgresql"),
    ])
    func `a printed address has no password`(_ uri: String, _ expected: String) throws {
        #expect(try PostgreSQLAddress(uri).description == expected)
    }
}
