import ArgumentParser
import Gateway

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the gateway until SIGTERM or SIGINT.")

    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "The format of events on standard error: json or text.")
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
        ServiceManager.ready.report()
        // In a task of its own, because a stop must not wait for a reload.
        let log = writer.log
        let reloading = Task {
            for await _ in Signals.reloads {
                ServiceManager.reloading.report()
                await reload(gateway, log)
                ServiceManager.ready.report()
            }
        }
        await Signals.waitForStop()
        reloading.cancel()
        ServiceManager.stopping.report()
        await gateway.stop(within: gateway.shutdownTimeout)
        writer.close()
        Exit.stopped()
    }

    private func reload(_ gateway: RunningGateway, _ log: EventLog) async {
        do {
            try await ReadFile.untilSteady(config)
            let change = try await gateway.reload(try LoadedConfiguration.read(config))
            log.record(
                .configurationReloaded, nil, ["changes": "\(change.count)", "change": Self.shortened(change)])
        } catch let error as InvalidConfiguration {
            for problem in error.problems { log.record(.configurationRefused, nil, ["problem": forLog(problem)]) }
        } catch let error as RunningGateway.NeedsRestart {
            let settings = error.settings.joined(separator: ", ")
            log.record(.configurationRefused, nil, ["problem": "only a restart changes: \(settings)"])
        } catch {
            log.record(.configurationRefused, nil, ["problem": "\(error)"])
        }
    }

    /// Without the value, which may be a secret under a wrong key: logs are read by more people than a terminal.
    private func forLog(_ problem: ConfigurationProblem) -> String {
        problem.key.isEmpty
            ? "\(problem)"
            : "\(problem.file):\(problem.line): \(problem.key) is wrong: `sso-gateway check --config \(config)` has the details"
    }

    /// At most 8 KiB, so that a large change does not fill the log's queue.
    private static func shortened(_ lines: [String]) -> String {
        var text = ""
        for (index, line) in lines.enumerated() {
            guard text.utf8.count + line.utf8.count < 8192 else { return text + "; and \(lines.count - index) more" }
            text += (index == 0 ? "" : "; ") + line
        }
        return text
    }
}

extension LogFormat: ExpressibleByArgument {}
