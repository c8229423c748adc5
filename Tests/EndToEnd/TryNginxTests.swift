import Foundation
import TestSupport
import Testing

/// `try --proxy nginx`: the real proxy in front.
@Suite struct TryNginxTests {
    private static func curl(_ arguments: [String], in folder: TestFolder) throws -> String {
        let output = folder.path + "/curl-output"
        let child = try #require(ChildProcess(["curl", "-s"] + arguments, in: folder.path, output: output))
        child.wait()
        return textWritten(to: output)
    }

    /// The address behind a row's name in what `try` prints.
    private static func address(_ name: String, in output: String) throws -> String {
        let line = try #require(output.split(separator: "\n").first { $0.contains("  \(name) ") }, "\(output)")
        return String(try #require(line.split(separator: " ").dropFirst().first))
    }

    private static func start(_ folder: TestFolder, prefix: [String] = []) async throws -> GatewayProcess {
        let trying = try GatewayProcess(["try", "--proxy", "nginx", "--port", "0"], in: folder, prefix: prefix)
        do { _ = try await trying.line { $0.contains("Ctrl-C") } } catch {
            trying.child.end()
            throw error
        }
        return trying
    }

    @Test func `a login goes through nginx, which stops with it and leaves no file`() async throws {
        let folder = try TestFolder()
        let trying = try await Self.start(folder)
        let output = trying.output
        do {
            let (app, marketplace) = (try Self.address("App", in: output), try Self.address("Marketplace", in: output))
            let refused = try Self.curl(["-i", app + "/dashboard"], in: folder)
            #expect(refused.hasPrefix("HTTP/1.1 401") && refused.contains("Server: nginx"), "\(refused)")
            let page = try Self.curl(
                [
                    "-L", "-c", "jar", "-b", "jar", "-H", "Accept: text/html", "-H", "X-SSO-Role: OWNER",
                    marketplace + "/sso/integrations/acme?path=billing",
                ], in: folder)
            #expect(
                page.contains("<code>/billing</code>") && page.contains(">ADMIN<") && !page.contains("OWNER"), "\(page)"
            )
            let sent = try Self.curl(
                ["-i", "-b", "jar", "-X", "POST", "-H", "Origin: \(app)", app + "/billing/usage"], in: folder)
            #expect(sent.contains(" 303 ") && sent.contains("Location: /billing"), "\(sent)")
            let session = try Self.curl(["-b", "jar", app + "/sso/session"], in: folder)
            #expect(session.contains(#""role":"ADMIN""#), "\(session)")
            let files = try Self.address("nginx", in: output)
            #expect(FileManager.default.fileExists(atPath: files))
        } catch {
            trying.child.end()
            throw error
        }
        trying.terminate()
        #expect(try await trying.exitCode() == 0)
        #expect(folder.contents(folder.temporary).isEmpty, "\(folder.contents(folder.temporary))")
        #expect(folder.contents(folder.working).isEmpty)
    }

    /// The master's id, of the folder that nginx runs in.
    private static func nginx(_ folder: TestFolder) throws -> pid_t {
        let name = try #require(folder.contents(folder.temporary).first { $0.hasSuffix("nginx.pid") })
        let text = try String(contentsOfFile: "\(folder.temporary)/\(name)", encoding: .utf8)
        return try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    private static func ends(_ process: pid_t) async throws -> Bool {
        for _ in 0..<500 where kill(process, 0) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        return kill(process, 0) != 0
    }

    @Test func `nginx ends also when the command is killed`() async throws {
        let folder = try TestFolder()
        let trying = try await Self.start(folder)
        let nginx = try Self.nginx(folder)
        trying.child.end()
        let hasEnded = try await Self.ends(nginx)
        #expect(hasEnded)
        if !hasEnded { kill(nginx, SIGKILL) }
    }

    @Test func `when nginx ends, everything ends, with its reason`() async throws {
        let folder = try TestFolder()
        let trying = try await Self.start(folder)
        kill(try Self.nginx(folder), SIGTERM)
        #expect(try await trying.exitCode() == 1)
        #expect(trying.output.contains("nginx ended, so everything else was stopped."), "\(trying.output)")
        #expect(folder.contents(folder.temporary).isEmpty)
    }

    @Test func `an nginx that does not start says why`() async throws {
        let folder = try TestFolder()
        let program = try folder.write(
            "nginx", "#!/bin/sh\necho 'nginx: [emerg] unknown directive' >&2\nexit 1\n", mode: 0o700)
        let trying = try GatewayProcess(
            ["try", "--proxy", "nginx", "--port", "0"], in: folder,
            prefix: ["PATH=\((program as NSString).deletingLastPathComponent):/usr/bin:/bin"])
        #expect(try await trying.exitCode() == 1)
        #expect(trying.output.contains("nginx did not start: nginx: [emerg] unknown directive"), "\(trying.output)")
        #expect(folder.contents(folder.temporary).isEmpty)
    }
}
