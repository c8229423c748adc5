import Foundation
import TestSupport
import Testing

/// `sso-gateway init`, at a terminal and without one.
@Suite struct InitTests {
    private static let secret = "canary-client-secret-51c0"

    private static let options = [
        "--client-id", "oac_AbCdEfGh", "--slug", "acme", "--public-url", "https://app.partner.example", "--proxy",
        "nginx",
    ]

    private static func run(_ arguments: [String], _ folder: TestFolder) async throws -> (code: Int32, output: String) {
        try await GatewayProcess.run(["init"] + arguments, in: folder)
    }

    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `every question is asked, and a wrong answer again with the reason`() throws {
        let folder = try TestFolder()
        let person = try TerminalProcess([GatewayProcess.executable, "init"], in: folder.working)
        for (question, answer, reason) in [
            ("Integration id", "acme", "begins with oac_"), ("Integration id", "oac_a b", "begins with oac_"),
            ("Integration id", " oac_AbCdEfGh ", nil), ("Slug", "oac_AbCdEfGh", "integration's id"),
            ("Slug", "acme", nil),
            ("Client secret", "two words", "without blanks"), ("Client secret", Self.secret, nil),
            ("Public address", "app.partner.example", "it is https://"),
            ("Public address", "http://app.partner.example", "https:// only"),
            ("Public address", "https://app.partner.example/", "without a path"),
            ("Public address", "https://app.partner.example", nil), ("Proxy", "ngnix", "did you mean nginx?"),
            ("Proxy", "", nil),
        ] {
            try person.wait(for: question)
            if question == "Client secret" { try person.typeHidden(answer + "\n") } else { person.type(answer + "\n") }
            if let reason { try person.wait(for: reason) }
        }
        try person.wait(for: "Next")
        #expect(person.exitCode() == 0)
        #expect(person.showsInput)
        #expect(!person.output.contains(Self.secret) && !person.output.contains("two words"))
        #expect(person.output.contains("# nginx for https://app.partner.example"))
        #expect(person.output.contains("https://app.partner.example/sso/callback"))
        #expect(try String(contentsOfFile: folder.working + "/client-secret", encoding: .utf8) == Self.secret)
        let configuration = try String(contentsOfFile: folder.working + "/gateway.yaml", encoding: .utf8)
        #expect(configuration.split(separator: "\n").count <= 20)
        for name in ["gateway.yaml", "client-secret", "keys.json"] {
            #expect(try Self.mode("\(folder.working)/\(name)") == 0o600, "\(name)")
        }
    }

    /// A shell would show the next command's input no more.
    @Test(arguments: ["\u{3}", "\u{4}"])
    func `Ctrl-C and Ctrl-D end the question for the secret, and the terminal shows input again`(_ key: String) throws {
        let folder = try TestFolder()
        let person = try TerminalProcess([GatewayProcess.executable, "init"], in: folder.working)
        try person.wait(for: "Integration id")
        person.type("oac_AbCdEfGh\n")
        try person.wait(for: "Slug")
        person.type("acme\n")
        try person.wait(for: "Client secret")
        try person.typeHidden(key)
        #expect(person.exitCode() == (key == "\u{3}" ? -SIGINT : 1))
        #expect(person.showsInput)
        #expect(folder.contents(folder.working).isEmpty)
    }

    @Test func `with options nothing is asked`() async throws {
        let folder = try TestFolder()
        let secret = try folder.write("secret", Self.secret + "\n")
        let (code, output) = try await Self.run(Self.options + ["--client-secret-file", secret], folder)
        #expect(code == 0, "\(output)")
        #expect(!output.contains("Slug:"))
        #expect(output.contains("# nginx for https://app.partner.example"))
        #expect(try String(contentsOfFile: folder.working + "/client-secret", encoding: .utf8) == Self.secret)
        let check = try await GatewayProcess.run(["check", "--config", "gateway.yaml"], in: folder)
        #expect(check.code == 0 && check.output.contains("public_url: https://app.partner.example"), "\(check.output)")
    }

    /// The marketplace's example app has such a file.
    @Test func `id and secret come from an environment file`() async throws {
        let folder = try TestFolder()
        let file = try folder.write(
            ".env.local",
            "# comment\nINTEGRATION_CLIENT_ID=\"oac_FromFile\"\nexport INTEGRATION_CLIENT_SECRET='\(Self.secret)'\nOTHER=1\n"
        )
        let (code, output) = try await Self.run(
            ["--environment-file", file] + Self.options.dropFirst(2), folder)
        #expect(code == 0, "\(output)")
        let configuration = try String(contentsOfFile: folder.working + "/gateway.yaml", encoding: .utf8)
        #expect(configuration.contains("client_id: oac_FromFile"))
        #expect(try String(contentsOfFile: folder.working + "/client-secret", encoding: .utf8) == Self.secret)
    }

    @Test func `without a terminal one error lists all that is missing or wrong`() async throws {
        let folder = try TestFolder()
        let (code, output) = try await Self.run([], folder)
        #expect(code == 64)
        for option in ["--client-id", "--slug", "--client-secret-file", "--public-url", "--proxy"] {
            #expect(output.contains("\(option) is missing"), "\(output)")
        }
        let secret = try folder.write("secret", "not one word")
        let wrong = try await Self.run(
            [
                "--client-id", "acme", "--slug", "a b", "--client-secret-file", secret, "--public-url", "ftp://x",
                "--proxy",
                "ngnix",
            ], folder)
        #expect(wrong.code == 64)
        for option in ["--client-id: ", "--slug: ", "--client-secret-file: ", "--public-url: ", "--proxy: "] {
            #expect(wrong.output.contains(option), "\(wrong.output)")
        }
        #expect(!wrong.output.contains("not one word"))
        #expect(folder.contents(folder.working).isEmpty)
    }

    @Test(arguments: ["gateway.yaml", "client-secret", "keys.json"])
    func `nothing is overwritten, and then nothing is written`(_ name: String) async throws {
        let folder = try TestFolder()
        let secret = try folder.write("secret", Self.secret)
        let path = "\(folder.working)/\(name)"
        // A link to nowhere counts too.
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.path + "/elsewhere")
        let (code, output) = try await Self.run(Self.options + ["--client-secret-file", secret], folder)
        #expect(code == 1 && output.contains("\(name) exists: nothing is overwritten"), "\(output)")
        #expect(folder.contents(folder.working) == [name])
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/elsewhere"))
    }

    @Test func `if the check fails, nothing is left`() async throws {
        let folder = try TestFolder()
        let secret = try folder.write("secret", Self.secret)
        // The store is there and is no store.
        try folder.write(
            "working/gateway.db", "not a database, but long enough to be read as the head of a file of SQLite")
        let (code, output) = try await Self.run(Self.options + ["--client-secret-file", secret], folder)
        #expect(code == 1 && output.contains("Nothing was written."), "\(output)")
        #expect(folder.contents(folder.working) == ["gateway.db"])
    }

    @Test(arguments: ["caddy", "traefik", "envoy", "haproxy"])
    func `the block is that of the proxy, with the app's address`(_ proxy: String) async throws {
        let folder = try TestFolder()
        let secret = try folder.write("secret", Self.secret)
        let (code, output) = try await Self.run(
            Self.options.dropLast() + [proxy, "--client-secret-file", secret, "--app", "127.0.0.1:3999"], folder)
        let snippet = try await GatewayProcess.run(
            ["snippet", proxy, "--config", "gateway.yaml", "--app", "127.0.0.1:3999"], in: folder)
        #expect(code == 0 && snippet.code == 0 && output.contains(snippet.output), "\(output)")
    }
}
