import Gateway
import Glibc
import SecretMemory

/// The files that `init` writes, for their owner alone. All of them or none, and none over an existing file.
struct InitFiles {
    /// As given; relative paths in the configuration are relative to the gateway's working directory.
    private let directory: String

    init(directory: String) {
        var directory = directory
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        self.directory = directory
    }

    var configuration: String { path("gateway.yaml") }
    var keyRing: String { path("keys.json") }
    var clientSecret: String { path("client-secret") }
    private var all: [String] { [clientSecret, keyRing, configuration] }

    private func path(_ name: String) -> String {
        switch directory {
        case ".": name
        case "/": "/" + name
        default: "\(directory)/\(name)"
        }
    }

    /// Before any question, so that no answer is in vain.
    func refuseExisting() throws(ReadFile.Failure) {
        var status = stat()
        guard unsafe stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw ReadFile.Failure(
                message: "there is no directory \(directory): create it, or name another --directory")
        }
        // The configuration's reader would replace `${…}`.
        guard !directory.contains("${"), directory.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw ReadFile.Failure(message: "--directory must have no control characters and no ${")
        }
        // Also a link to nowhere.
        let existing = all.filter { unsafe lstat($0, &status) == 0 }
        guard existing.isEmpty else {
            throw ReadFile.Failure(
                message: "\(existing.joined(separator: ", ")) \(existing.count == 1 ? "exists" : "exist"): "
                    + "nothing is overwritten; move \(existing.count == 1 ? "it" : "them") away, or name another --directory"
            )
        }
    }

    /// Removes what it wrote if `check` throws. The configuration is written last: without it, nothing can be served.
    func write<Result>(
        _ answers: InitAnswers, standIn: String?, now: Int64, check: () throws -> Result
    ) throws -> Result {
        var written: [String] = []
        do {
            try WriteFile.create(clientSecret, answers.clientSecret)
            written.append(clientSecret)
            try KeyRingOnDisk.create(keyRing, now: now)
            written.append(keyRing)
            try WriteFile.create(configuration, SecretBytes(text(answers, standIn: standIn)))
            written.append(configuration)
            return try check()
        } catch {
            for path in written { unsafe unlink(path) }
            throw error
        }
    }

    /// At most 20 lines.
    func text(_ answers: InitAnswers, standIn: String?) -> String {
        let marketplace =
            standIn.map {
                """

                    jwks_url: \($0)/.well-known/jwks
                    api_url: \($0)
                    sso_url: \($0)/sso/integrations
                """
            } ?? ""
        return """
            # After a change: sso-gateway check --config \(Self.quoted(configuration))
            public_url: \(Self.quoted(answers.publicURL.description))
            key_ring: \(Self.quoted(keyRing))
            integrations:
              live:
                client_id: \(answers.clientID)
                client_secret_file: \(Self.quoted(clientSecret))
                slug: \(Self.quoted(answers.slug))\(marketplace)
                routes:
                  default: /
            rules: [] # such as [{ path: /admin/, roles: [ADMIN] }, { path: /assets/, allow: anyone }]
            ...

            """
    }

    /// In quotes where YAML could read something else.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            text.first.map { $0.isLetter || $0 == "/" } ?? false
            && !["null", "true", "false"].contains(text.lowercased())
            && text.utf8.allSatisfy { byte in
                "/.:-_".utf8.contains(byte) || ReadIntegrations.isName(String(decoding: [byte], as: UTF8.self))
            } && !text.hasSuffix(":")
        if isPlain { return text }
        return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
