import ArgumentParser
import Gateway

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the gateway until SIGTERM or SIGINT.")

    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "How events are written to standard error: json or text.")
    var logFormat: LogFormat = .json

    func run() async throws {
        let configuration = try LoadedConfiguration.loadToServe(config)
        let metrics = Metrics()
        let writer = LogWriter(logFormat, dropped: metrics.logLinesDropped)
        let gateway: RunningGateway
        do { gateway = try await RunningGateway(configuration, log: writer.log, metrics: metrics) } catch {
            writer.close()
            Terminal.complain("sso-gateway: \(error)")
            throw Exit.failed
        }
        await Signals.untilTold()
        await gateway.stop(within: configuration.shutdownTimeout)
        writer.close()
        Exit.stopped()
    }
}

extension LogFormat: ExpressibleByArgument {}
