import ArgumentParser
import Glibc

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Reads a configuration and says everything that is wrong with it, at once.")

    @Option(help: "The configuration file.")
    var config: String

    func run() throws {
        let configuration = try LoadedConfiguration.load(config)
        Terminal.say(EffectiveConfiguration.text(configuration))
    }
}

/// The configuration as every command loads it: exit 78 with all mistakes, or the whole.
enum LoadedConfiguration {
    static func load(_ path: String) throws -> Configuration {
        do {
            return try ReadConfiguration(path: path, environment: Environment.variables()).read()
        } catch {
            let terminal = Terminal(descriptor: 2)
            for mistake in error.mistakes { Terminal.complain("\(terminal.bad("✗")) \(mistake)") }
            let count = error.mistakes.count
            Terminal.complain("\n\(count) \(count == 1 ? "mistake" : "mistakes"). Nothing was started.")
            throw Exit.badConfiguration
        }
    }
}
