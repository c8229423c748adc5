import ArgumentParser
import Glibc
import MicroHTTPServer

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads a configuration and prints all of its problems, or the configuration with its defaults.")

    @Option(help: "The configuration file.")
    var config: String

    func run() throws {
        let configuration = try LoadedConfiguration.loadToServe(config)
        Terminal.say(EffectiveConfiguration.text(configuration))
    }
}

/// Loads the configuration for a command. An invalid one exits with 78, after all of its problems are printed.
enum LoadedConfiguration {
    /// Also refuses addresses for which this machine's libmicrohttpd is too old.
    static func loadToServe(_ path: String) throws -> Configuration {
        let configuration = try load(path)
        var problems: [String] = []
        for (key, address) in [("listen", configuration.listen), ("admin_listen", configuration.adminListen)] {
            do { try HTTPLibrary.check(for: address, allowOld: configuration.allowOldHTTPLibrary) } catch {
                problems.append("\(path): \(key): \(error)")
            }
        }
        if !problems.isEmpty { throw refusal(problems) }
        return configuration
    }

    static func load(_ path: String) throws -> Configuration {
        do { return try read(path) } catch {
            throw refusal(error.problems.map { "\($0)" })
        }
    }

    static func read(_ path: String) throws(InvalidConfiguration) -> Configuration {
        try ReadConfiguration(path: path, environment: Environment.variables()).read()
    }

    private static func refusal(_ problems: [String]) -> ExitCode {
        let terminal = Terminal(descriptor: 2)
        for problem in problems { Terminal.complain("\(terminal.bad("✗")) \(problem)") }
        Terminal.complain("\n\(problems.count) \(problems.count == 1 ? "problem" : "problems"). Nothing was started.")
        return Exit.badConfiguration
    }
}
