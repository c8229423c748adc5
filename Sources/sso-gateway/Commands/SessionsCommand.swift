import ArgumentParser
import HTTP
import JOSE
import SecretMemory
import Untrusted

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Manages the sessions of a running gateway.", subcommands: [Revoke.self])

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revokes sessions, at every gateway that shares the store.",
            discussion: "Give --session, --installation, --installation with --member, or --all.")

        @OptionGroup var admin: AdminOptions

        @Option(help: "One session, by its id in the log and in X-SSO-Session.")
        var session: String?

        @Option(help: "All sessions of one member, by user id; with --installation.")
        var member: String?

        @Option(help: "All sessions of an installation, `icfg_…`.")
        var installation: String?

        @Option(help: "The integration's name, if several have an installation with this id.")
        var integration: String?

        @Flag(help: "All sessions.")
        var all = false

        @Flag(help: "Print the gateway's answer as one JSON object.")
        var json = false

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
            if json { return Terminal.say((try? JSONObject(parsing: answer.body)) ?? [:]) }
            Terminal.say(
                all
                    ? "Every session is revoked. Members sign in again at their next request."
                    : "Revoked, from the next decision on.")
        }
    }
}
