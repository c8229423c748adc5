import ArgumentParser
import Untrusted

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Prints the versions of this program and of the libraries that are loaded.")

    func run() {
        Terminal.say(Columns.rows(Versions.all.map { ($0.name, $0.version.visible) }, indent: ""))
    }
}
