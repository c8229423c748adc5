import ArgumentParser
import Gateway
import HTTP
import JOSE
import Untrusted

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Manages the key ring, which seals sessions and signs assertions.",
        subcommands: [Generate.self, Rotate.self, List.self, Retire.self])

    private static let reload = "Send SIGHUP to a running gateway to use it."

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Creates a key ring file that only its owner can read.")

        @Option(help: "The path of the new file. An existing file is never overwritten.")
        var keyRing: String

        func run() throws {
            try KeysCommand.orRefusal { try KeyRingOnDisk.create(keyRing, now: Clock.system.unixSeconds()) }
            Terminal.say(
                "Wrote \(keyRing.visible) with one new key. Keep it secret: a person who has it can make sessions and assertions."
            )
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Adds a new key for sessions and assertions. The old keys stay valid, so no session ends.",
            discussion: """
                With several gateways, or apps that keep the assertion's public keys, rotate in two steps. First run \
                `keys rotate --prepare` and reload all gateways, so that all of them accept and publish the new key. Then \
                run `keys rotate` and reload them again.
                """)

        @Option(help: "The key ring file.")
        var keyRing: String

        @Flag(
            help:
                "Only add the key: it is accepted and published now, and used for new sessions after the next `keys rotate`."
        )
        var prepare = false

        @Flag(help: "One JSON object, for programs.")
        var json = false

        func run() throws {
            let now = Clock.system.unixSeconds()
            let id = try KeysCommand.orRefusal {
                try KeyRingOnDisk.change(keyRing) { prepare ? $0.prepare(now: now) : $0.rotate(now: now) }
            }
            if json {
                let key: JSONObject = ["id": .string(UntrustedText(id)), "is_prepared": .bool(prepare)]
                return Terminal.say(key)
            }
            Terminal.say(
                prepare
                    ? "Key \(id) is prepared: it is accepted and published, and not used for new sessions yet. \(KeysCommand.reload)"
                    : "Key \(id) makes sessions and assertions from now on; the older keys stay valid. \(KeysCommand.reload)"
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
                let cells = rows.map { row -> [String] in
                    let time = UTCTime(unixSeconds: row.createdAt)
                    return [row.id, "\(time.date) \(time.time)", row.use]
                }
                let table = Columns.table(["key", "made (UTC)", "use"], cells, Terminal())
                return Terminal.say(table.joined(separator: "\n"))
            }
            let keys = rows.map { row -> JSONValue in
                .object([
                    "id": .string(UntrustedText(row.id)), "created_at": .integer(row.createdAt),
                    "use": .string(UntrustedText(row.use)),
                ])
            }
            Terminal.say(["keys": .array(keys)] as JSONObject)
        }
    }

    struct Retire: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Removes a key from a ring: sessions, assertions and stored tokens under it become invalid.",
            discussion: """
                Run `installations reseal` first: it seals the stored installation tokens again under the first key.
                """)

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
                Removed key \(id). \(KeysCommand.reload) Then cookies that were sealed under it are refused. Stored \
                installation tokens under it cannot be read, unless `installations reseal` ran before: store those again.
                """)
        }
    }

    private static func orRefusal<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            Terminal.fail("\(error)")
            throw Exit.failed
        }
    }
}
