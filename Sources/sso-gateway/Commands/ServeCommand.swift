import ArgumentParser

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the gateway until SIGTERM or SIGINT.")

    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "How events are written to standard error: json or text.")
    var logFormat: LogWriter.Format = .json

    func run() async throws {
        let configuration = try LoadedConfiguration.load(config)
        let gateway: RunningGateway
        do { gateway = try await RunningGateway(configuration, log: LogWriter(logFormat).log) } catch {
            Terminal.complain("sso-gateway: \(error)")
            throw Exit.failed
        }
        await Signals.untilTold()
        await gateway.stop(within: configuration.shutdownTimeout)
        Exit.stopped()
    }
}

extension LogWriter.Format: ExpressibleByArgument {}
