import Foundation
import Gateway
import Glibc
import HTTP
import TestSupport
import Testing

/// The executable, and a browser that is signed in.
enum SignedInProcess {
    static func run(extra: String = "", _ body: (ProcessWorld, TestBrowser) async throws -> Void) async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn, extra: extra) { world in
            let browser = world.browser()
            #expect(try await browser.open(standIn.url + "/sso/integrations/acme").location == "/dashboard")
            try await body(world, browser)
        }
        await standIn.stop()
    }

    static func decision(_ browser: TestBrowser, _ path: String) async throws -> TestBrowser.Answer {
        try await browser.get(
            "/authz/nginx",
            headers: [
                "X-Original-Method": "GET", "X-Original-URI": path, "X-Forwarded-Host": "app.example.test",
                "X-Forwarded-Proto": "https",
            ])
    }
}

extension ProcessWorld {
    func reconfigure(extra: String) throws {
        _ = try Self.configure(folder, marketplace: standIn.url, extra: extra, ring: false)
    }

    /// Sends SIGHUP and returns the log line about it, which should be of `event`.
    func reload(_ event: String) async throws -> String {
        let before = process.output.split(separator: "\n").count
        kill(process.child.id, SIGHUP)
        for _ in 0..<6000 {
            let lines = process.output.split(separator: "\n").dropFirst(before)
            if let line = lines.first(where: { $0.contains("configuration_") }) {
                return line.contains(event) ? String(line) : "another event: \(line)"
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return "no line"
    }
}
