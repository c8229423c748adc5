import Foundation
import Glibc
import TestSupport

/// The executable that is built beside these tests, as a process: in an empty directory, with an empty directory for
/// temporary files, its output in a file.
struct GatewayProcess: Sendable {
    struct Failure: Error { let reason: String }

    static let executable: String = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: own ?? "/").deletingLastPathComponent().appendingPathComponent("sso-gateway").path
    }()

    let child: ChildProcess
    let folder: TestFolder

    /// `prefix`: words in front of the executable, such as another program that runs it.
    init(_ arguments: [String], in folder: TestFolder, prefix: [String] = [], executable: String = executable) throws {
        // A parent's threads may hold back signals; what the child sees must not depend on that.
        let environment = ["--default-signal", "TMPDIR=\(folder.temporary)", "LC_ALL=C"]
        guard
            let child = ChildProcess(
                environment + prefix + [executable] + arguments, in: folder.working, output: folder.output)
        else { throw Failure(reason: "no process") }
        self.child = child
        self.folder = folder
    }

    /// Everything that came out so far.
    var output: String { textWritten(to: folder.output) }

    /// Waits until a line of output satisfies the condition: half a minute at most.
    func line(where isWanted: @Sendable (String) -> Bool) async throws -> String {
        for _ in 0..<6000 {
            // The part behind the last line's end is still being written.
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let found = lines.map(String.init).first(where: isWanted) { return found }
            if hasEnded { throw Failure(reason: "it ended: \(output)") }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Failure(reason: "no such line: \(output)")
    }

    /// Where the public and the admin listener are, once both are open and the start is complete.
    /// `address`: of both, as the log has it.
    func ports(on address: String = "127.0.0.1:") async throws -> (open: UInt16, admin: UInt16) {
        _ = try await line { $0.contains("started") && $0.contains("openssl") }
        let admin = try await line { $0.contains("listening") && $0.contains("admin") }
        let open = try await line { $0.contains("listening") && !$0.contains("admin") }
        func port(_ line: String) throws -> UInt16 {
            guard let start = line.firstRange(of: address)?.upperBound,
                let port = UInt16(line[start...].prefix { $0.isNumber })
            else { throw Failure(reason: line) }
            return port
        }
        return (try port(open), try port(admin))
    }

    /// Waits for a socket file, half a minute at most.
    func opens(_ socket: String) async throws {
        for _ in 0..<6000 where !FileManager.default.fileExists(atPath: socket) {
            if hasEnded { throw Failure(reason: "it ended: \(output)") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Without waiting for it.
    var hasEnded: Bool {
        var information = unsafe siginfo_t()
        guard unsafe waitid(P_PID, id_t(child.id), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return true }
        return unsafe information.si_signo != 0
    }

    func terminate() { kill(child.id, SIGTERM) }

    /// The exit code, or minus the signal that ended it; kills it after 30 seconds.
    func exitCode() async throws -> Int32 {
        for _ in 0..<3000 where !hasEnded { try await Task.sleep(for: .milliseconds(10)) }
        if !hasEnded { kill(child.id, SIGKILL) }
        var status: Int32 = 0
        while unsafe waitpid(child.id, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }

    /// A command that ends by itself.
    static func run(_ arguments: [String], in folder: TestFolder) async throws -> (code: Int32, output: String) {
        let process = try GatewayProcess(arguments, in: folder)
        return (try await process.exitCode(), process.output)
    }
}

/// A directory for one test, gone behind it.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("sso-gateway-test-\(UUID().uuidString)").path
        for part in ["", "/working", "/temporary"] {
            try FileManager.default.createDirectory(atPath: path + part, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Empty at the beginning; a gateway should leave it so.
    var working: String { path + "/working" }
    var temporary: String { path + "/temporary" }
    var output: String { path + "/output" }

    func contents(_ directory: String) -> [String] {
        (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? ["(unreadable)"]
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        unsafe chmod(file, mode)
        return file
    }
}
