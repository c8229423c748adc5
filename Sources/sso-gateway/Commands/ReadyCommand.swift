import ArgumentParser
import HTTP
import JOSE
import SecretMemory
import Untrusted

struct ReadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready",
        abstract: "Says whether a running gateway takes requests. For probes where there is no shell and no curl.",
        discussion: """
            The exit code is 0 for a ready or degraded gateway, and 1 for one that drains or does not answer. Without \
            --config it asks http://127.0.0.1:4181, so a configuration that is just being edited cannot fail a probe.
            """)

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Only whether the process answers, also while it drains.")
    var alive = false

    @Flag(help: "Print the gateway's report as one JSON object.")
    var json = false

    func run() async throws {
        let answer = try await admin.send(.get, alive ? "/ping" : "/ready")
        guard !alive, let body = try? JSONObject(parsing: answer.body), let status = body["status"]?.text?.string else {
            guard alive, answer.status == .ok else { throw admin.failure(answer) }
            if json { Terminal.say(["status": .string("alive")] as JSONObject) } else { Terminal.say("alive") }
            return
        }
        if json {
            Terminal.say(body)
            guard answer.status == .ok else { throw Exit.failed }
            return
        }
        let reasons = AdminOptions.list(body["reasons"])
        let terminal = Terminal()
        let word = status.visible
        let shown =
            switch word {
            case "ready": terminal.good(word)
            case "degraded": terminal.warning(word)
            default: terminal.bad(word)
            }
        Terminal.say(reasons.isEmpty ? shown : "\(shown): \(reasons.joined(separator: ", "))")
        guard answer.status == .ok else { throw Exit.failed }
    }
}
