import Glibc
import MicroHTTPServer
import TestSupport
import Testing

@testable import sso_gateway

/// Where the store and the admin socket are when the configuration does not say.
@Suite struct StateDirectoryTests {
    private static func read(
        _ folder: TemporaryFolder, _ settings: String = "", environment: [String: String] = [:]
    ) throws -> Configuration {
        let ring = folder.path("keys.json")
        if unsafe access(ring, F_OK) != 0 { try KeyRingOnDisk.create(ring, now: 0) }
        let file = try folder.write(
            "gateway.yaml",
            """
            public_url: https://app.example.test
            key_ring: \(ring)
            \(settings)
            integrations:
              live: { client_id: oac_Test, client_secret: s3cret, slug: acme, routes: { default: /dashboard } }

            """)
        return try ReadConfiguration(path: file, environment: environment).read()
    }

    @Test func `beside the key ring, or where the service manager says`() throws {
        let folder = try TemporaryFolder()
        let beside = try Self.read(folder)
        #expect(beside.store == .sqlite(folder.path("gateway.db")))
        #expect(beside.adminSocket == .unix(path: folder.path("admin.sock"), mode: 0o600))
        let managed = try Self.read(folder, environment: ["STATE_DIRECTORY": "/var/lib/one:/var/lib/two"])
        #expect(managed.store == .sqlite("/var/lib/one/gateway.db"))
        #expect(managed.adminSocket == .unix(path: "/var/lib/one/admin.sock", mode: 0o600))
        let odd = try Self.read(folder, environment: ["STATE_DIRECTORY": "relative"])
        #expect(odd.store == beside.store)
    }

    @Test(arguments: [
        ("admin_socket: none", nil), ("admin_socket: /run/a.sock", "/run/a.sock"),
        ("admin_socket: unix:/run/a.sock", "/run/a.sock"), ("admin_listen: unix:/run/b.sock", nil),
        ("admin_listen: unix:/run/b.sock\nadmin_socket: /run/a.sock", "/run/a.sock"),
    ])
    func `the admin socket is where the setting says`(_ settings: String, _ path: String?) throws {
        #expect(try Self.read(try TemporaryFolder(), settings).adminSocket?.unixPath == path)
    }

    @Test func `with a token there is no socket unless the setting names one`() throws {
        let folder = try TemporaryFolder()
        let token = "admin_token_file: \(try folder.write("token", "an-admin-token"))"
        #expect(try Self.read(folder, token).adminSocket == nil)
        #expect(try Self.read(folder, token + "\nadmin_socket: /run/a.sock").adminSocket?.unixPath == "/run/a.sock")
    }

    @Test(arguments: [
        "admin_socket: a.sock", "admin_socket: \"\"", "admin_socket: /" + String(repeating: "a", count: 107),
        "admin_socket: /run/a.sock\nadmin_listen: unix:/run/a.sock",
        "admin_socket: /run/a.sock\nlisten: unix:/run/a.sock",
        "admin_socket: 127.0.0.1:4181",
    ])
    func `another value is an error that names the setting`(_ settings: String) throws {
        let error = #expect(throws: InvalidConfiguration.self) { try Self.read(try TemporaryFolder(), settings) }
        #expect(error?.problems.map(\.key) == ["admin_socket"])
    }

    @Test func `a default path that is too long for a socket is an error, not a start that fails`() throws {
        let long = "/" + String(repeating: "a", count: 100)
        let folder = try TemporaryFolder()
        let error = #expect(throws: InvalidConfiguration.self) {
            try Self.read(folder, environment: ["STATE_DIRECTORY": long])
        }
        #expect(error?.problems.map(\.key) == ["admin_socket"])
        let none = try Self.read(folder, "admin_socket: none", environment: ["STATE_DIRECTORY": long])
        #expect(none.adminSocket == nil)
    }
}
