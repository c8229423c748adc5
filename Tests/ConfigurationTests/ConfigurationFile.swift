import Glibc
import TestSupport

@testable import sso_gateway

/// A configuration file for tests.
enum ConfigurationFile {
    /// Writes the smallest valid configuration and its key ring. `change` edits its text.
    static func write(_ folder: TemporaryFolder, _ change: (String) -> String = { $0 }) throws -> String {
        let ring = folder.path("keys.json")
        if unsafe access(ring, F_OK) != 0 { try KeyRingOnDisk.create(ring, now: 0) }
        return try folder.write(
            "gateway.yaml",
            change(
                """
                public_url: https://app.example.test
                key_ring: \(ring)
                integrations:
                  live:
                    client_id: oac_Test
                    client_secret: ${SECRET}
                    slug: acme
                    routes: { default: /dashboard }

                """))
    }

    static func read(_ path: String, environment: [String: String] = ["SECRET": "s3cret"]) -> Result<
        Configuration, InvalidConfiguration
    > {
        do throws(InvalidConfiguration) {
            return .success(try ReadConfiguration(path: path, environment: environment).read())
        } catch {
            return .failure(error)
        }
    }

    static func problems(_ change: (String) -> String, environment: [String: String] = ["SECRET": "s3cret"])
        throws -> [String]
    {
        let folder = try TemporaryFolder()
        guard case .failure(let invalid) = read(try write(folder, change), environment: environment) else { return [] }
        return invalid.problems.map { "\($0.line) \($0.key): \($0.message)" }
    }
}
