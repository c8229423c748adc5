import ArgumentParser
import HTTP
import JOSE
import SecretMemory
import Untrusted

struct InstallationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "installations", abstract: "Installations that a running gateway knows. Tokens are never printed.",
        subcommands: [List.self, Show.self, Put.self, Remove.self, Rotate.self])

    /// The installation a command is about.
    struct Subject: ParsableArguments {
        @Argument(help: "The installation's id, `icfg_…`.")
        var installation: String

        @Option(help: "The integration's name, where the gateway serves several.")
        var integration: String?

        func path(_ action: String = "") -> String {
            "/admin/installations/\(PercentEncoding.encode(installation))\(action)\(InstallationsCommand.query(integration))"
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All of them, one a line.")

        @OptionGroup var admin: AdminOptions

        @Option(help: "Those of one integration.")
        var integration: String?

        func run() async throws {
            let answer = try await InstallationsCommand.ask(
                admin, .get, "/admin/installations" + InstallationsCommand.query(integration))
            guard case .array(let rows)? = answer["installations"] else { return }
            for case .object(let row) in rows { Terminal.say(InstallationsCommand.line(row)) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What is known of one.")

        @OptionGroup var admin: AdminOptions
        @OptionGroup var subject: Subject

        func run() async throws {
            let row = try await InstallationsCommand.ask(admin, .get, subject.path())
            for (name, value) in row.members {
                Terminal.say(
                    name.string + String(repeating: " ", count: max(17 - name.count, 1))
                        + InstallationsCommand.text(value))
            }
        }
    }

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts an installation in, or a new token of one.",
            discussion: "The token comes from a file, - for standard input: on a command line others could read it.")

        @OptionGroup var admin: AdminOptions
        @OptionGroup var subject: Subject

        @Option(help: "A file that holds the access token.")
        var tokenFile: String?

        @Option(help: "The account that installed it.")
        var accountID: String?

        func run() async throws {
            var fields = JSONFields([("account_id", accountID)])
            if let tokenFile {
                do {
                    let token =
                        tokenFile == "-"
                        ? ReadFile.withoutLineEnd(try ReadFile.bytes(of: 0, "standard input"))
                        : try ReadFile.secret(tokenFile, from: .fileOrPipe)
                    fields.set("access_token", token.exposedText?.string ?? "")
                } catch {
                    Terminal.complain("sso-gateway: \(error.message)")
                    throw Exit.failed
                }
            }
            let row = try await InstallationsCommand.ask(admin, .put, subject.path(), fields.text)
            Terminal.say(InstallationsCommand.line(row))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erases an installation's token and ends its members' sessions.")

        @OptionGroup var admin: AdminOptions
        @OptionGroup var subject: Subject

        func run() async throws {
            let row = try await InstallationsCommand.ask(admin, .delete, subject.path())
            Terminal.say(InstallationsCommand.line(row))
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has the marketplace make a new token for a stored one. The old one stays good until revoked.")

        @OptionGroup var admin: AdminOptions
        @OptionGroup var subject: Subject

        func run() async throws {
            let row = try await InstallationsCommand.ask(admin, .post, subject.path("/rotate"), SecretBytes("{}"))
            Terminal.say(InstallationsCommand.line(row))
            if case .integer(let seconds)? = row["expires_in"] { Terminal.say("The new token ends in \(seconds) s.") }
        }
    }
}

extension InstallationsCommand {
    static func query(_ integration: String?) -> String {
        integration.map { "?integration=" + PercentEncoding.encode($0) } ?? ""
    }

    static func ask(_ admin: AdminOptions, _ method: HTTPMethod, _ path: String, _ body: SecretBytes? = nil)
        async throws -> JSONObject
    {
        let answer = try await admin.send(method, path, body: body)
        guard answer.status == .ok, let row = try? JSONObject(parsing: answer.body) else { throw admin.failure(answer) }
        return row
    }

    static func line(_ row: JSONObject) -> String {
        let names: [UntrustedText] = ["integration", "installation_id", "status", "account_id", "account_name"]
        let parts = names.map { text(row[$0] ?? .null) }
        return (parts + [row["has_token"] == .bool(true) ? "token" : "no token"]).joined(separator: "  ")
    }

    /// On one line, whatever others chose for a name.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text.string.visible
        case .integer(let number): "\(number)"
        case .bool(let isSo): isSo ? "yes" : "no"
        default: "-"
        }
    }
}
