import ArgumentParser
import HTTP
import Untrusted

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Sessions of a running gateway.", subcommands: [Revoke.self])

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends sessions before their time, at every gateway that shares the store.",
            discussion: "One of: --session; --installation; --installation with --member; --all.")

        @OptionGroup var admin: AdminOptions

        @Option(help: "One session, by the id that logs and X-SSO-Session show.")
        var session: String?

        @Option(help: "A member, by user id; with --installation.")
        var member: String?

        @Option(help: "Everybody of an installation, `icfg_…`.")
        var installation: String?

        @Option(help: "The integration's name, where several have an installation of this id.")
        var integration: String?

        @Flag(help: "Everybody.")
        var all = false

        func validate() throws {
            let kinds = [session != nil, installation != nil, all].count { $0 }
            guard kinds == 1, member == nil || installation != nil, integration == nil || installation != nil else {
                throw ValidationError("Give --session, --installation, --installation with --member, or --all.")
            }
        }

        func run() async throws {
            let fields = [
                ("session", session), ("member", member), ("installation", installation), ("integration", integration),
            ]
            var body = JSONFields(fields)
            if all { body.set("all", true) }
            let answer = try await admin.send(.post, "/admin/sessions/revoke", body: body.text)
            guard answer.status == .ok else { throw admin.failure(answer) }
            Terminal.say(
                all
                    ? "Every session is over. People sign in again at their next request."
                    : "Over, from the next decision on.")
        }
    }
}
