import ArgumentParser

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Own version, and the versions of the libraries that are loaded.")

    func run() {
        for (name, version) in Versions.all { Terminal.say("\(name) \(version)") }
    }
}
