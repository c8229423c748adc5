import Foundation
import MicroHTTPServer
import TestSupport
import Testing

/// The executable's commands that end by themselves.
@Suite struct CommandTests {
    @Test func `version names the gateway and every library that is loaded`() async throws {
        let (code, output) = try await GatewayProcess.run(["version"], in: TestFolder())
        #expect(code == 0)
        let names = output.split(separator: "\n").map { $0.prefix { $0 != " " } }
        #expect(names == ["sso-gateway", "openssl", "libmicrohttpd", "libcurl"])
    }

    @Test(arguments: [["--nonsense"], ["serve"], ["nothing"], ["check", "--config"], ["keys", "generate"]])
    func `wrong usage exits with 64`(_ arguments: [String]) async throws {
        let (code, output) = try await GatewayProcess.run(arguments, in: TestFolder())
        #expect(code == 64, "\(output)")
        #expect(output.contains("Usage:"))
    }

    @Test func `a key ring is made for its owner alone and never overwritten`() async throws {
        let folder = try TestFolder()
        let ring = folder.path + "/ring.json"
        let first = try await GatewayProcess.run(["keys", "generate", "--key-ring", ring], in: folder)
        #expect(first.code == 0)
        let content = try String(contentsOfFile: ring, encoding: .utf8)
        let mode = try FileManager.default.attributesOfItem(atPath: ring)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(!first.output.contains("\"secret\""))
        let again = try await GatewayProcess.run(["keys", "generate", "--key-ring", ring], in: folder)
        #expect(again.code == 1)
        #expect(try String(contentsOfFile: ring, encoding: .utf8) == content)

        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9", ring: false)
        try folder.write("secret", "s3cret")
        try folder.write("keys.json", content)
        #expect(try await GatewayProcess.run(["check", "--config", file], in: folder).code == 0)
    }

    @Test func `check shows what holds and no secret`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9")
        let (code, output) = try await GatewayProcess.run(["check", "--config", file], in: folder)
        #expect(code == 0)
        #expect(output.contains("oac_Acme"))
        #expect(!output.contains(ProcessWorld.clientSecret))
        #expect(!output.contains(ProcessWorld.installationToken))
    }

    @Test(arguments: ["check", "serve"])
    func `all problems of an invalid configuration are reported with their lines, and nothing listens`(
        _ command: String
    ) async throws {
        let folder = try TestFolder()
        let file = try folder.write(
            "gateway.yaml",
            """
            public_url: ftp://app.example.test
            listen: somewhere
            admin_listen: 0.0.0.0:1
            key_ring: \(folder.path)/none.json
            colour: blue
            session:
              idle: forever
            integrations:
              acme:
                client_id: oac_Acme
                client_secret: one
                client_secret_file: two
                slug: acme
                api_url: http://api.example.test
                routes:
                  default: dashboard
            """)
        let (code, output) = try await GatewayProcess.run([command, "--config", file], in: folder)
        #expect(code == 78)
        for (line, key) in [
            (1, "public_url"), (2, "listen"), (3, "admin_listen"), (4, "key_ring"), (5, "colour"),
            (7, "session.idle"), (12, "integrations.acme.client_secret_file"), (14, "integrations.acme.api_url"),
            (16, "integrations.acme.routes.default"),
        ] {
            #expect(output.contains("\(file):\(line): \(key):"), "\(key) in \(output)")
        }
        #expect(output.contains("9 problems"))
        #expect(!output.contains("listening"))
    }

    @Test func `an unknown key is refused wherever it stands`() async throws {
        for extra in ["tls: true", "session:\n  sliding: 1h", "connections:\n  total: 5\n  burst: 2"] {
            let folder = try TestFolder()
            let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9", extra: extra)
            let (code, output) = try await GatewayProcess.run(["check", "--config", file], in: folder)
            #expect(code == 78)
            #expect(output.contains("is not a key that this version knows"))
        }
    }

    @Test func `a key ring that others can read is refused`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9")
        unsafe chmod(folder.path + "/keys.json", 0o644)
        let (code, output) = try await GatewayProcess.run(["serve", "--config", file], in: folder)
        #expect(code == 78)
        #expect(output.contains("can be read by others"))
        #expect(!output.contains("listening"))
    }

    @Test(arguments: ["serve", "check"])
    func `RT-92: listening on every address is refused with a library that has known faults`(command: String)
        async throws
    {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9", listen: "0.0.0.0:0")
        guard !HTTPLibrary.hasFixedParser(HTTPLibrary.version) else { return }
        let (code, output) = try await GatewayProcess.run([command, "--config", file], in: folder)
        #expect(code == 78)
        #expect(output.contains("listen: libmicrohttpd \(HTTPLibrary.version)") && output.contains("0.0.0.0:0"))
        #expect(!output.contains(#""event":"listening""#))
    }
}
