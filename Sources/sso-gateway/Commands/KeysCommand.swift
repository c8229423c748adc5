import ArgumentParser
import Gateway
import HTTP
import JOSE
import Untrusted

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The key ring that sessions are sealed and assertions are signed under.",
        subcommands: [Generate.self, Rotate.self, List.self, Retire.self])

    private static let reload = "A gateway that runs takes it at SIGHUP."

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a key ring file, readable by you alone.")

        @Option(help: "Where to write it. A file that is already there is never overwritten.")
        var keyRing: String

        func run() throws {
            try KeysCommand.orRefusal { try KeyRingOnDisk.create(keyRing, now: Clock.system.unixSeconds()) }
            Terminal.say(
                "Wrote \(keyRing) with one fresh key. Keep it secret: whoever has it can make sessions and assertions.")
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Lets a fresh key make sessions and assertions. The old ones still open, so nobody is signed out.",
            discussion: """
                With several gateways, or apps that keep the assertion's public keys, rotate in two steps: \
                `keys rotate --prepare` and reload all gateways, so that all of them open and publish the fresh key; then \
                `keys rotate` and reload them again.
                """)

        @Option(help: "The key ring file.")
        var keyRing: String

        @Flag(help: "Only add the key: it opens and is published, and makes from the next `keys rotate` on.")
        var prepare = false

        func run() throws {
            let now = Clock.system.unixSeconds()
            let id = try KeysCommand.orRefusal {
                try KeyRingOnDisk.change(keyRing) { prepare ? $0.prepare(now: now) : $0.rotate(now: now) }
            }
            Terminal.say(
                prepare
                    ? "Key \(id) is prepared: it opens and is published, and does not make yet. \(KeysCommand.reload)"
                    : "Key \(id) makes sessions and assertions from now on; the older keys still open. \(KeysCommand.reload)"
            )
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the keys of a ring, never their secrets.")

        @Option(help: "The key ring file.")
        var keyRing: String

        @Flag(help: "One JSON object, for programs.")
        var json = false

        func run() throws {
            let ring = try KeysCommand.orRefusal { try KeyRingOnDisk.load(keyRing) }
            let rows = ring.keys.enumerated().map { index, key in
                let use = index == 0 ? "makes and opens" : key.id == ring.preparedKey ? "prepared" : "opens"
                return (id: key.id, createdAt: key.createdAt, use: use)
            }
            guard json else {
                let terminal = Terminal()
                Terminal.say(terminal.bold("key       made (UTC)            use"))
                for row in rows {
                    let time = UTCTime(unixSeconds: row.createdAt)
                    Terminal.say("\(row.id)  \(time.date) \(time.time)   \(row.use)")
                }
                return
            }
            let keys = rows.map { row -> JSONValue in
                .object([
                    "id": .string(UntrustedText(row.id)), "created_at": .integer(row.createdAt),
                    "use": .string(UntrustedText(row.use)),
                ])
            }
            Terminal.say(String(decoding: (["keys": .array(keys)] as JSONObject).encoded, as: UTF8.self))
        }
    }

    struct Retire: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Takes a key out of a ring: sessions, assertions and stored tokens under it are worth nothing more.")

        @Option(help: "The key ring file.")
        var keyRing: String

        @Argument(help: "The key's id, as `keys list` shows it.")
        var id: String

        func run() throws {
            try KeysCommand.orRefusal {
                try KeyRingOnDisk.change(keyRing) { ring in
                    do throws(KeyRingFile.RetirementRefusal) { try ring.retire(id) } catch {
                        switch error {
                        case .unknownKey:
                            throw ReadFile.Failure(
                                message: "\(keyRing) has no key \(id); `sso-gateway keys list` shows its keys")
                        case .keyInUse:
                            throw ReadFile.Failure(
                                message: "key \(id) makes sessions: run `sso-gateway keys rotate` and reload first")
                        }
                    }
                }
            }
            Terminal.say(
                """
                Took out key \(id). \(KeysCommand.reload) Then cookies that were sealed under it are refused, and stored \
                installation tokens that were sealed under it cannot be read: fetch or put those again.
                """)
        }
    }

    private static func orRefusal<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            Terminal.complain("sso-gateway: \(error)")
            throw Exit.failed
        }
    }
}
