import Foundation
import TestSupport
import Testing

/// Two gateways in one upstream of nginx, restarted one after the other: decisions go on.
@Suite(.namesProxy, .enabled(if: RealProxy.installed.contains(.nginx), "needs nginx"))
struct `A rolling restart behind nginx` {
    @Test(arguments: RealProxy.chosen.filter { $0.kind == "nginx" })
    func `answers every request`(proxy: RealProxy) async throws {
        let ports = try FreePort.take(2)
        // What the block's own comment says of several gateways.
        let edit: @Sendable (String) -> String = { text in
            let line = text.firstMatch(of: #/server 127\.0\.0\.1:\d+ max_fails=0;/#)?.output ?? "?"
            return text.replacing(line, with: "\(line) server 127.0.0.1:\(ports[0]) max_fails=0;", maxReplacements: 1)
        }
        try await ProxiedApp.run(behind: proxy, .init(edit: edit)) { site in
            let first = try String(contentsOfFile: site.directory + "/gateway.yaml", encoding: .utf8)
            try first.replacing("listen: 127.0.0.1:\(site.gatewayPort)", with: "listen: 127.0.0.1:\(ports[0])")
                .replacing(#/admin_listen: .*/#, with: "admin_listen: 127.0.0.1:\(ports[1])")
                .write(toFile: site.directory + "/second.yaml", atomically: false, encoding: .utf8)
            var gateways = [
                (file: "gateway.yaml", port: site.gatewayPort, process: site.gateway),
                (file: "second.yaml", port: ports[0], process: try Self.serve("second.yaml", site)),
            ]
            defer { gateways[1].process.terminate() }
            #expect(await ProxiedApp.answers(ports[0]))

            let cookie = try await site.signIn(as: Member.ben)
            let requests = Task { try await onThread { try Self.ask(site, cookie: cookie, for: .seconds(8)) } }
            for number in [0, 1, 0, 1] {
                try await Task.sleep(for: .milliseconds(700))
                let process = gateways[number].process
                _ = try await onThread { process.terminate(within: .seconds(15)) }
                try await Task.sleep(for: .milliseconds(300))
                gateways[number].process = try Self.serve(gateways[number].file, site)
                #expect(await ProxiedApp.answers(gateways[number].port))
            }
            let statuses = try await requests.value
            #expect(statuses.keys.sorted() == [200] && (statuses[200] ?? 0) > 500, "\(statuses)")
            gateways[0].process.terminate()
        }
    }

    private static func serve(_ file: String, _ site: ProxiedApp) throws -> ChildProcess {
        let command = [try Executable.path(), "serve", "--config", file]
        guard let process = ChildProcess(command, in: site.directory, output: "\(site.directory)/\(file).log") else {
            throw ProxiedApp.CannotStart(what: file)
        }
        return process
    }

    /// How often which status came.
    private static func ask(_ site: ProxiedApp, cookie: String, for time: Duration) throws -> [Int: Int] {
        var statuses: [Int: Int] = [:]
        let end = ContinuousClock.now + time
        var connection = try RawConnection(port: site.port)
        while ContinuousClock.now < end {
            connection.send("GET /dashboard HTTP/1.1\r\nHost: localhost:\(site.port)\r\nCookie: \(cookie)\r\n\r\n")
            let response = connection.receiveResponse(patience: 10)
            statuses[response?.status ?? 0, default: 0] += 1
            if response == nil || response?["Connection"] == "close" { connection = try RawConnection(port: site.port) }
            usleep(2000)
        }
        return statuses
    }
}
