import Gateway
import HTTP
import SecretMemory
import TestSupport
import Testing

@testable import sso_gateway

/// A file that is cut off, at each of its bytes, and rests so: a reload must not take it for a configuration.
@Suite struct `A configuration file that is cut off` {
    private static let rules = """
        rules:
          - { path: /admin/, roles: [ADMIN] }
          - { path: /reports/, methods: [POST], roles: [ADMIN] }
          - path: /assets/
            allow: anyone
        default: deny

        """

    /// The cuts of the whole text that a reload would accept, and the whole configuration.
    private static func accepted(_ change: (String) -> String) throws -> (cuts: [String], whole: Configuration) {
        let folder = try TemporaryFolder()
        let path = try ConfigurationFile.write(folder, change)
        let whole = try ConfigurationFile.read(path).get()
        let text = try ReadFile.text(path)
        let cuts = (0..<text.utf8.count).map { String(decoding: text.utf8.prefix($0), as: UTF8.self) }
        let accepted = try cuts.filter { cut in
            try folder.write("gateway.yaml", cut)
            guard case .success(let configuration) = ConfigurationFile.read(path) else { return false }
            return ConfigurationChange(old: whole, new: configuration).missing.isEmpty
        }
        return (accepted, whole)
    }

    @Test(arguments: [rules, ""]) func `is never accepted where its last line was the end marker`(_ rules: String)
        throws
    {
        for end in ["...\n", "... # the end\n", "...\n\n# vim: ft=yaml\n"] {
            let (cuts, _) = try Self.accepted { $0 + rules + end }
            // Nothing but the end of the last lines is missing.
            #expect(cuts.allSatisfy { $0.contains("\n...") }, "\(cuts.first ?? "")")
        }
    }

    @Test func `is accepted without the marker only if the cut is in the last key's value`() throws {
        let (cuts, _) = try Self.accepted { Self.rules + $0 }
        #expect(cuts.allSatisfy { $0.contains("routes: { default: /") })
        let (last, whole) = try Self.accepted { $0 + Self.rules }
        #expect(last.allSatisfy { $0.contains("default: deny") }, "\(last.first ?? "")")
        #expect(whole.form.keys == ["public_url", "key_ring", "integrations", "rules", "default"])
    }

    @Test func `a marker is one only as a line of its own at the end`() throws {
        let folder = try TemporaryFolder()
        for (end, isMarker) in [
            ("...\n", true), ("... \n#x\n", true), ("# ...\n", false), ("headers: remote\n", false),
        ] {
            let path = try ConfigurationFile.write(folder) { $0 + end }
            #expect(try ConfigurationFile.read(path).get().form.hasEndMarker == isMarker, "\(end)")
        }
        let path = try ConfigurationFile.write(folder) { $0 + "...\nrules: []\n" }
        #expect(throws: InvalidConfiguration.self) { try ConfigurationFile.read(path).get() }
    }
}
