import ArgumentParser
import Gateway

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The key ring that sessions are sealed and assertions are signed under.",
        subcommands: [Generate.self])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a key ring file, readable by you alone.")

        @Option(help: "Where to write it. A file that is already there is never overwritten.")
        var keyRing: String

        func run() throws {
            do { try KeyRingOnDisk.create(keyRing, now: Clock.system.unixSeconds()) } catch {
                Terminal.complain("sso-gateway: \(error.message)")
                throw Exit.failed
            }
            Terminal.say(
                "Wrote \(keyRing) with one fresh key. Keep it secret: whoever has it can make sessions and assertions.")
        }
    }
}
