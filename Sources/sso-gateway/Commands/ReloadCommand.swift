import ArgumentParser
import HTTP
import JOSE
import SecretMemory
import Untrusted

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Has a running gateway read its configuration again, and prints what changed or what is wrong.",
        discussion:
            """
            The same as SIGHUP, but with an exit code: 0 if the new configuration is in use; 1 if the old one stays, because \
            the gateway refused the new one, a changed setting needs a restart, or there was no answer; 78 if the new one is \
            invalid.
            """)

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print the gateway's answer as one JSON object.")
    var json = false

    func run() async throws {
        let answer = try await admin.send(.post, "/admin/reload")
        let body = try? JSONObject(parsing: answer.body)
        if json {
            if let body { Terminal.say(body) }
            guard answer.status == .ok else { throw admin.failure(answer) }
            return
        }
        for problem in AdminOptions.list(body?["problems"]) {
            Terminal.complain("\(Terminal(descriptor: 2).bad("✗")) \(problem)")
        }
        guard answer.status == .ok else { throw admin.failure(answer) }
        let changes = AdminOptions.list(body?["changes"])
        let terminal = Terminal()
        for change in changes {
            switch change.first {
            case "+": Terminal.say(terminal.good(change))
            case "-": Terminal.say(terminal.bad(change))
            default: Terminal.say(terminal.warning(change))
            }
        }
        Terminal.say(changes.isEmpty ? "Reloaded; no setting changed." : "Reloaded.")
    }
}
