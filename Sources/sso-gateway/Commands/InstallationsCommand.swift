import ArgumentParser
import Gateway
import HTTP
import JOSE
import SecretMemory
import Untrusted

struct InstallationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "installations",
        abstract: "Manages the installations of a running gateway. Tokens are never printed.",
        subcommands: [List.self, Show.self, Put.self, Remove.self, Rotate.self, Reseal.self])

    /// The installation that a command is for.
    struct Subject: ParsableArguments {
        @Argument(help: "The installation's id, `icfg_…`.")
        var installation: String

        @Option(help: "The integration's name, if the gateway has several.")
        var integration: String?

        func path(_ action: String = "") -> String {
            "/admin/installations/\(PercentEncoding.encode(installation))\(action)\(InstallationsCommand.query(integration))"
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the installations.")

        @OptionGroup var admin: AdminOptions

        @Option(help: "Only the installations of this integration.")
        var integration: String?

        @Flag(help: "Print the gateway's answer as one JSON object.")
        var json = false

        func run() async throws {
            let answer = try await InstallationsCommand.send(
                admin, .get, "/admin/installations" + InstallationsCommand.query(integration))
            if json { return Terminal.say(answer) }
            guard case .array(let rows)? = answer["installations"], !rows.isEmpty else {
                return Terminal.complain("No installations.")
            }
            Terminal.say(InstallationsCommand.table(rows, Terminal()))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints one installation.")

        @OptionGroup var admin: AdminOptions
        @OptionGroup var subject: Subject

        @Flag(help: "Print the gateway's answer as one JSON object.")
        var json = false

        func run() async throws {
            let row = try await InstallationsCommand.send(admin, .get, subject.path())
            if json { return Terminal.say(row) }
            Terminal.say(
                Columns.rows(
                    row.members.map { ($0.name.string.visible, InstallationsCommand.text($0.value)) }, indent: ""))
        }
    }

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stores an installation, or a new token of one.",
            discussion:
                "The token is read from a file, or from standard input with `-`: other users can read a command line.")

        @OptionGroup var admin: AdminOptions
        @OptionGroup var subject: Subject

        @Option(help: "A file that holds the access token.")
        var tokenFile: String?

        @Option(help: "The account that installed it.")
        var accountID: String?

        @Option(help: "The region where it is at home, from `regions.addresses`.")
        var region: String?

        func run() async throws {
            var fields = JSONFields([("account_id", accountID), ("region", region)])
            if let tokenFile {
                do {
                    let token =
                        tokenFile == "-"
                        ? ReadFile.withoutLineEnd(try ReadFile.bytes(of: 0, "standard input"))
                        : try ReadFile.secret(tokenFile, from: .fileOrPipe)
                    fields.set("access_token", token.exposedText?.string ?? "")
                } catch {
                    Terminal.fail("\(error.message)")
                    throw Exit.failed
                }
            }
            let row = try await InstallationsCommand.send(admin, .put, subject.path(), fields.text)
            Terminal.say(InstallationsCommand.line(row))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erases an installation's token and ends its members' sessions.")

        @OptionGroup var admin: AdminOptions
        @OptionGroup var subject: Subject

        func run() async throws {
            let row = try await InstallationsCommand.send(admin, .delete, subject.path())
            Terminal.say(InstallationsCommand.line(row))
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Requests a new token from the marketplace for the stored one. The old one stays valid until it is revoked."
        )

        @OptionGroup var admin: AdminOptions
        @OptionGroup var subject: Subject

        func run() async throws {
            let row = try await Progress.show("waiting for the marketplace") { _ in
                try await InstallationsCommand.send(admin, .post, subject.path("/rotate"), SecretBytes("{}"))
            }
            Terminal.say(InstallationsCommand.line(row))
            if case .integer(let seconds)? = row["expires_in"] {
                Terminal.say("The new token expires in \(seconds) s.")
            }
        }
    }

    struct Reseal: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seals every stored token again under the ring's first key. Run it before `keys retire`.")

        @OptionGroup var admin: AdminOptions

        func run() async throws {
            let answer = try await Progress.show("sealing the stored tokens again") { _ in
                try await InstallationsCommand.send(
                    admin, .post, "/admin/installations/reseal", SecretBytes("{}"))
            }
            let words = ["resealed", "current", "unreadable"].map { name in
                "\(InstallationsCommand.text(answer[UntrustedText(name)] ?? .null)) \(name)"
            }
            let key = InstallationsCommand.text(answer["key"] ?? .null)
            Terminal.say("\(words.joined(separator: ", ")). The first key is \(key).")
            // A gateway that has not read the new ring would find every token current.
            guard let config = admin.config, let first = try LoadedConfiguration.load(config).keyRing.keys.first else {
                return
            }
            guard first.id == key else {
                Terminal.fail(
                    "the ring's first key is \(first.id): reload the gateway and run this command again.")
                throw Exit.failed
            }
        }
    }
}

extension InstallationsCommand {
    static func query(_ integration: String?) -> String {
        integration.map { "?integration=" + PercentEncoding.encode($0) } ?? ""
    }

    static func send(_ admin: AdminOptions, _ method: HTTPMethod, _ path: String, _ body: SecretBytes? = nil)
        async throws -> JSONObject
    {
        let answer = try await admin.send(method, path, body: body)
        guard answer.status == .ok, let row = try? JSONObject(parsing: answer.body) else { throw admin.failure(answer) }
        return row
    }

    private static let names: [UntrustedText] = [
        "integration", "installation_id", "status", "account_id", "account_name",
    ]

    private static func cells(_ row: JSONObject) -> [String] {
        names.map { text(row[$0] ?? .null) } + [row["has_token"] == .bool(true) ? "token" : "no token"]
    }

    static func line(_ row: JSONObject) -> String { cells(row).joined(separator: "  ") }

    static func table(_ values: [JSONValue], _ terminal: Terminal) -> String {
        let rows = values.map { if case .object(let row) = $0 { cells(row) } else { cells([:]) } }
        let heads = ["integration", "installation", "status", "account", "account name", "token"]
        return Columns.table(heads, rows, terminal).joined(separator: "\n")
    }

    /// Without line ends and control characters: the marketplace's users choose the names.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text.string.visible
        case .integer(let number): "\(number)"
        case .bool(let value): value ? "yes" : "no"
        default: "-"
        }
    }
}
