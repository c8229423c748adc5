import ArgumentParser

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Prints the versions of this program and of the libraries that are loaded.")

    func run() {
        for (name, version) in Versions.all { Terminal.say("\(name) \(version)") }
    }
}
