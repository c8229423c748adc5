import TestSupport
import Testing

@testable import sso_gateway

@Suite struct StoreSettingTests {
    private func read(_ settings: String, _ folder: TemporaryFolder) throws -> Configuration {
        try ConfigurationFile.read(try ConfigurationFile.write(folder) { $0 + settings + "\n" }).get()
    }

    @Test func `a database's address and password file are read, and the password is never shown`() throws {
        let folder = try TemporaryFolder()
        let password = try folder.write("password", "hunter2")
        let settings = "store: postgresql://gateway@db.example/sso\nstore_password_file: \(password)"
        let configuration = try read(settings, folder)
        #expect(configuration.store.passwordFile == password)
        #expect(configuration.store.description == "postgresql://gateway@db.example/sso")
        let inPlace = try read("store: postgresql://gateway:hunter2@db.example/sso", folder)
        #expect(inPlace.store.description == "postgresql://gateway@db.example/sso")
    }

    @Test(arguments: [
        ("store: postgresql://db.example/sso?sslmode=require", "store: cannot be used: sslmode=require does not check"),
        ("store: postgresql://u:hunter2@db.example", "store: cannot be used: the database's name is missing"),
        ("store: postgresql://u:hunter2@db.example:x%/sso", "store: cannot be used: it is no URI"),
        ("store: mysql://u@db.example/sso", "store: must be `sqlite:/path`, `postgresql://…` or `memory`"),
        ("store_password_file: /run/secrets/x", "store_password_file: is for a `store` of postgresql://"),
        (
            "store: memory\nstore_password_file: /run/secrets/x",
            "store_password_file: is for a `store` of postgresql://"
        ),
        (
            "store: postgresql://u:hunter2@db.example/sso\nstore_password_file: /nowhere",
            "store_password_file: is given beside a password"
        ),
        ("store: postgresql://u@db.example/sso\nstore_password_file: /nowhere", "store_password_file: cannot read"),
        ("login: { when_store_unavailable: perhaps }", "login.when_store_unavailable: must be `refuse` or `continue`"),
    ])
    func `a wrong store is said in words, without its password`(_ settings: String, _ problem: String) throws {
        let text = try ConfigurationFile.problems({ $0 + settings + "\n" }).joined(separator: "\n")
        #expect(text.contains(problem), "\(text)")
        #expect(!text.contains("hunter2"))
    }
}
