import Foundation
import TestSupport
import Testing

/// A gateway without one of its secrets does not run with one less: it does not run.
@Suite struct `RT-18 A gateway without a secret` {
    private static let edits: [(name: String, change: @Sendable (TestFolder, inout String) throws -> Void)] = [
        ("no key ring", { folder, _ in try FileManager.default.removeItem(atPath: folder.path + "/keys.json") }),
        ("no line for the key ring", { folder, text in text.replace("key_ring: \(folder.path)/keys.json", with: "") }),
        ("an empty key ring", { folder, _ in try folder.write("keys.json", "") }),
        ("a key ring without keys", { folder, _ in try folder.write("keys.json", #"{"keys":[]}"#) }),
        (
            "a key ring without its assertion key",
            { folder, _ in
                let ring = try String(contentsOfFile: folder.path + "/keys.json", encoding: .utf8)
                try folder.write("keys.json", ring.replacing("assertion_key", with: "assertion"))
            }
        ),
        ("a client secret's file that is not there", { folder, text in text.replace("/secret\n", with: "/absent\n") }),
        ("an empty client secret", { folder, _ in try folder.write("secret", "\n") }),
        (
            "a client secret from an unset variable",
            { folder, text in
                text.replace("client_secret_file: \(folder.path)/secret", with: "client_secret: ${NOT_SET_ANYWHERE}")
            }
        ),
        (
            "no line for the client secret",
            { folder, text in text.replace("    client_secret_file: \(folder.path)/secret\n", with: "") }
        ),
        (
            "an installation token from an unset variable",
            { _, text in text.replace(ProcessWorld.installationToken, with: "${NOT_SET_ANYWHERE}") }
        ),
    ]

    @Test(arguments: edits.map(\.name))
    func `exits with 78 and never listens`(name: String) async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:1")
        var text = try String(contentsOfFile: file, encoding: .utf8)
        try #require(Self.edits.first { $0.name == name }).change(folder, &text)
        try folder.write("gateway.yaml", text)
        let (code, output) = try await GatewayProcess.run(["serve", "--config", file], in: folder)
        #expect(code == 78, "\(output)")
        #expect(!output.contains("listening") && !output.contains(ProcessWorld.clientSecret))
    }

    @Test func `runs with all of them`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:1")
        let process = try GatewayProcess(["serve", "--config", file], in: folder)
        defer { process.child.end() }
        let ports = try await process.ports()
        #expect(ports.open > 0 && ports.admin > 0)
    }
}
