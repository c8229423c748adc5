import ArgumentParser
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

        func run() throws {
            let path = try StoreCommand.path(config)
            let found = try StoreCommand.orRefusal {
                try Progress.show("checking the store") { try StoreInspection(of: path) }
            }
            guard let found else {
                throw StoreCommand.refusal("there is no store at \(path) yet: the gateway's first start creates it")
            }
            let newest = StoreInspection.newestVersion
            let lines =
                [("file", path), ("tables", StoreCommand.describe(found.version, newest: newest))]
                + found.rows.map { ($0.table, "\($0.count)") }
                + found.damage.map { ("damage", $0) }
            Terminal.say(Columns.rows(lines.map { ($0.0, $0.1.visible) }, indent: ""))
            guard found.damage.isEmpty else { throw StoreCommand.refusal("the store is damaged: restore a backup") }
            guard found.version <= newest else {
                throw StoreCommand.refusal("the store is newer than this version knows: use a newer sso-gateway")
            }
            Terminal.say("\(Terminal().good("✓")) The store is sound.")
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
