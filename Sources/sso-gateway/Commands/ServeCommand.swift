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
        gateway.answerReloads { [config] in
            ServiceManager.reloading.report()
            defer { ServiceManager.ready.report() }
            let outcome = await Self.reload(gateway, config)
            Self.record(outcome, log)
            return outcome
        }
        let reloading = Task {
            for await _ in Signals.reloads { _ = await gateway.reloadFromFile() }
        }
        await Signals.waitForStop()
        reloading.cancel()
        ServiceManager.stopping.report()
        await gateway.stop(within: gateway.shutdownTimeout)
        writer.close()
        Exit.stopped()
    }

    private static func reload(_ gateway: RunningGateway, _ config: String) async -> ReloadOutcome {
        do {
            try await ReadFile.untilSteady(config)
            return .reloaded(changes: try await gateway.reload(try LoadedConfiguration.read(config)))
        } catch let error as InvalidConfiguration {
            return .refused(problems: error.problems.map { forLog($0, config) })
        } catch let error as RunningGateway.NeedsRestart {
            return .refused(problems: ["only a restart changes: \(error.settings.joined(separator: ", "))"])
        } catch {
            return .refused(problems: ["\(error)"])
        }
    }

    private static func record(_ outcome: ReloadOutcome, _ log: EventLog) {
        switch outcome {
        case .reloaded(let changes):
            log.record(.configurationReloaded, nil, ["changes": "\(changes.count)", "change": shortened(changes)])
        case .refused(let problems):
            for problem in problems { log.record(.configurationRefused, nil, ["problem": problem]) }
        }
    }

    /// Without the value, which may be a secret under a wrong key: logs are read by more people than a terminal.
    private static func forLog(_ problem: ConfigurationProblem, _ config: String) -> String {
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
