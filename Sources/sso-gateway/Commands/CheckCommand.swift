import ArgumentParser

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads a configuration and prints all of its problems, or the configuration with its defaults.")

    @Option(help: "The configuration file.")
    var config: String

    func run() throws {
        let configuration = try LoadedConfiguration.loadToServe(config)
        try LoadedConfiguration.checkStore(of: configuration)
        Terminal.say(EffectiveConfiguration.text(configuration))
    }
}
