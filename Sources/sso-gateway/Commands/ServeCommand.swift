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
        Signals.watchReload()
        let configuration = try LoadedConfiguration.loadToServe(config)
        let metrics = Metrics()
        let writer = LogWriter(logFormat, dropped: metrics.logLinesDropped)
        let gateway: RunningGateway
        do { gateway = try await RunningGateway(configuration, log: writer.log, metrics: metrics) } catch {
            writer.close()
            Terminal.complain("sso-gateway: \(error)")
            throw Exit.failed
        }
        for await request in Signals.requests {
            guard request == .reload else { break }
            await reload(gateway, writer.log)
        }
        await gateway.stop(within: gateway.shutdownTimeout)
        writer.close()
        Exit.stopped()
    }

    private func reload(_ gateway: RunningGateway, _ log: EventLog) async {
        do {
            let lines = try await gateway.reload(try LoadedConfiguration.read(config))
            log.record(
                .configurationReloaded, nil,
                ["changes": "\(lines.count)", "change": lines.joined(separator: "; ")])
        } catch let error as InvalidConfiguration {
            for problem in error.mistakes { log.record(.configurationRefused, nil, ["problem": "\(problem)"]) }
        } catch let error as RunningGateway.NeedsRestart {
            let settings = error.settings.joined(separator: ", ")
            log.record(.configurationRefused, nil, ["problem": "only a restart changes: \(settings)"])
        } catch {
            log.record(.configurationRefused, nil, ["problem": "\(error)"])
        }
    }
}

extension LogFormat: ExpressibleByArgument {}
