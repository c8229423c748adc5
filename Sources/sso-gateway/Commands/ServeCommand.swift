import ArgumentParser
import CurlHTTPClient
import Gateway
import MicroHTTPServer
import OpenSSLCrypto

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the gateway until SIGTERM or SIGINT.")

    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "The format of events on standard error: json or text.")
    var logFormat: LogFormat = .json

    func run() async throws {
        Signals.watchReload()
        let metrics = Metrics()
        let writer = LogWriter(logFormat, dropped: metrics.logLinesDropped)
        let configuration: Configuration
        do { configuration = try LoadedConfiguration.loadToServe(config) } catch {
            reportFailure(
                "the configuration is invalid: `sso-gateway check --config \(config)` has the details", writer)
            throw error
        }
        let gateway: RunningGateway
        do { gateway = try await RunningGateway(configuration, log: writer.log, metrics: metrics) } catch {
            reportFailure("\(error)", writer)
            if logFormat == .text { Terminal.fail("\(error)") }
            throw Exit.failed
        }
        let log = writer.log
        // Before anyone is told that the gateway is there.
        gateway.answerReloads { [config] in
            ServiceManager.reloading.report()
            return await Self.reload(gateway, config)
        } reporting: { outcome in
            Self.record(outcome, gateway, log)
            ServiceManager.ready.report()
        }
        Self.recordStart(gateway, log)
        gateway.prepareKeys()
        ServiceManager.ready.report()
        ServiceManager.reportAlive { await gateway.awaitEventLoops() }
        // In a task of its own, because a stop must not wait for a reload.
        let reloading = Task {
            for await _ in Signals.reloads { _ = await gateway.reloadFromFile() }
        }
        await Signals.waitForStop()
        reloading.cancel()
        ServiceManager.stopping.report()
        await gateway.stop(after: gateway.shutdownDelay, within: gateway.shutdownTimeout)
        writer.close()
        Exit.stopped()
    }

    /// For programs that read the log. A person who reads text has the same in plain words.
    private func reportFailure(_ problem: String, _ writer: LogWriter) {
        if logFormat == .json { writer.log.record(.startFailed, nil, ["problem": problem]) }
        writer.close()
    }

    private static func recordStart(_ gateway: RunningGateway, _ log: EventLog) {
        log.record(
            .started, nil,
            [
                "version": Versions.gateway, "configuration": gateway.configurationDigest,
                "openssl": OpenSSLCrypto.LinkedLibrary.openSSL, "libmicrohttpd": MicroHTTPServer.libraryVersion,
                "libcurl": CurlHTTPClient.libraryVersion,
            ])
    }

    private static func reload(_ gateway: RunningGateway, _ config: String) async -> ReloadOutcome {
        do {
            try await ReadFile.untilSteady(config)
            let changes = try await gateway.reload(try LoadedConfiguration.read(config))
            gateway.prepareKeys()
            return .reloaded(changes: changes)
        } catch let error as InvalidConfiguration {
            return .refused(problems: error.problems.map { forLog($0, config) })
        } catch let error as RunningGateway.NeedsRestart {
            return .refused(problems: ["only a restart changes: \(error.settings.joined(separator: ", "))"])
        } catch let error as RunningGateway.IncompleteFile {
            return .refused(problems: error.missing.map { "\(config): \($0) is missing: \(Self.incomplete)" })
        } catch {
            return .refused(problems: ["\(error)"])
        }
    }

    private static let incomplete =
        "the file may be incomplete. A reload takes nothing away: give the key its default, such as `rules: []`, or restart"

    private static func record(_ outcome: ReloadOutcome, _ gateway: RunningGateway, _ log: EventLog) {
        switch outcome {
        case .reloaded(let changes):
            log.record(
                .configurationReloaded, nil,
                [
                    "changes": "\(changes.count)", "change": shortened(changes),
                    "configuration": gateway.configurationDigest,
                ])
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
