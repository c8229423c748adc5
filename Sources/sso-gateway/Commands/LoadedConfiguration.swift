import ArgumentParser
import Glibc
import MicroHTTPServer
import Untrusted

/// Loads the configuration for a command. An invalid one exits with 78, after all of its problems are printed.
enum LoadedConfiguration {
    /// Also refuses addresses for which this machine's libmicrohttpd is too old.
    static func loadToServe(_ path: String) throws -> Configuration {
        do { return try readToServe(path) } catch { throw refusal(error) }
    }

    static func readToServe(_ path: String) throws(InvalidConfiguration) -> Configuration {
        let configuration = try read(path)
        var problems: [ConfigurationProblem] = []
        for (key, address) in [("listen", configuration.listen), ("admin_listen", configuration.adminListen)] {
            do { try HTTPLibrary.check(for: address, allowOld: configuration.allowOldHTTPLibrary) } catch {
                problems.append(ConfigurationProblem(file: path, line: 0, key: key, message: "\(error)"))
            }
        }
        if !problems.isEmpty { throw InvalidConfiguration(problems: problems) }
        return configuration
    }

    /// Refuses a store that `serve` would refuse, with the same text and exit code.
    static func checkStore(of configuration: Configuration) throws {
        do { try configuration.store.check() } catch {
            Terminal.fail("\(error)")
            throw Exit.failed
        }
    }

    static func load(_ path: String) throws -> Configuration {
        do { return try read(path) } catch { throw refusal(error) }
    }

    static func read(_ path: String) throws(InvalidConfiguration) -> Configuration {
        try ReadConfiguration(path: path, environment: environment()).read()
    }

    private static func refusal(_ invalid: InvalidConfiguration) -> ExitCode {
        let (problems, terminal) = (invalid.problems, Terminal(descriptor: 2))
        for problem in problems { Terminal.complain("\(terminal.bad("✗")) \("\(problem)".visible)") }
        Terminal.complain("\n\(problems.count) \(problems.count == 1 ? "problem" : "problems"). Nothing was started.")
        return Exit.badConfiguration
    }

    private static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let pair = unsafe String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            unsafe entry += 1
        }
        return variables
    }
}
