import ArgumentParser
import JOSE
import Storage
import Untrusted

struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Checks and backs up the store's file, also while a gateway runs.",
        subcommands: [Check.self, Backup.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks the whole file, and prints its version and how many rows each table has. Changes nothing."
        )

        @Option(help: "The configuration file of the gateway.")
        var config: String

        @Flag(help: "Print what was found as one JSON object.")
        var json = false

        func run() throws {
            let path = try StoreCommand.path(config)
            let found = try StoreCommand.orRefusal {
                try Progress.show("checking the store") { try StoreInspection(of: path) }
            }
            guard let found else {
                throw StoreCommand.refusal("there is no store at \(path) yet: the gateway's first start creates it")
            }
            let newest = StoreInspection.newestVersion
            if json { Terminal.say(Self.json(found, path)) } else { Terminal.say(Self.table(found, path)) }
            guard found.damage.isEmpty else { throw StoreCommand.refusal("the store is damaged: restore a backup") }
            guard found.version <= newest else {
                throw StoreCommand.refusal("the store is newer than this version knows: use a newer sso-gateway")
            }
            if !json { Terminal.say("\(Terminal().good("✓")) The store is sound.") }
        }

        private static func table(_ found: StoreInspection, _ path: String) -> String {
            let version = StoreCommand.describe(found.version, newest: StoreInspection.newestVersion)
            let lines =
                [("file", path), ("tables", version)] + found.rows.map { ($0.table, "\($0.count)") }
                + found.damage.map { ("damage", $0) }
            return Columns.rows(lines.map { ($0.0, $0.1.visible) }, indent: "")
        }

        private static func json(_ found: StoreInspection, _ path: String) -> JSONObject {
            let rows = found.rows.map { (name: UntrustedText($0.table), value: JSONValue.integer(Int64($0.count))) }
            return [
                "file": .string(UntrustedText(path)), "version": .integer(Int64(found.version)),
                "newest_version": .integer(Int64(StoreInspection.newestVersion)), "rows": .object(JSONObject(rows)),
                "damage": .array(found.damage.map { .string(UntrustedText($0)) }),
            ]
        }
    }

    struct Backup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a complete copy of the store to a new file that only its owner can read.",
            discussion: "The key ring is not in it: stored tokens can be read only with the ring, so keep that as well."
        )

        @Option(help: "The configuration file of the gateway.")
        var config: String

        @Argument(help: "The new file. An existing file is never replaced.")
        var target: String

        func run() throws {
            let path = try StoreCommand.path(config)
            let copied = try StoreCommand.orRefusal {
                try Progress.show("copying the store") { try StoreCopy.backUp(path, to: target) }
            }
            let rows = copied.rows.reduce(0) { $0 + $1.count }
            Terminal.say("Wrote \(target.visible): tables of version \(copied.version), \(rows) rows, checked.")
        }
    }

    static func describe(_ version: Int, newest: Int) -> String {
        if version > newest { return "version \(version), newer than this version knows (\(newest))" }
        if version == newest { return "version \(version), the newest" }
        return version == 0
            ? "none yet: the gateway's next start creates them"
            : "version \(version): the gateway's next start makes \(newest) of it, after a copy"
    }

    private static func path(_ config: String) throws -> String {
        let store = try LoadedConfiguration.load(config).store
        switch store {
        case .sqlite(let path): return path
        case .memory: throw refusal("the store is `memory`: there is no file")
        case .postgreSQL(let address, _):
            throw refusal("the store is \(address): use pg_dump and pg_restore, and `sso-gateway check --live`")
        }
    }

    private static func orRefusal<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw refusal("\(error)") }
    }

    private static func refusal(_ message: String) -> ExitCode {
        Terminal.fail("\(message)")
        return Exit.failed
    }
}
