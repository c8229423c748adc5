import JOSE
import Testing
import Untrusted

/// A token for `verify-token` and the verdict that is expected of it.
struct VerdictCase: Sendable {
    let name: String
    let options: [String]
    let token: String
    /// Nil where only a verdict of either kind is demanded.
    let expected: Bool?
    /// Where given, one of these must be the reason.
    var reasons: Set<String>?

    /// Runs a process for each, a few at a time, and returns how many tokens were valid.
    static func judge(_ cases: [VerdictCase], in folder: TestFolder) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            let lanes = 3
            for lane in 0..<lanes {
                group.addTask {
                    var valid = 0
                    let own = try TestFolder()
                    for index in stride(from: lane, to: cases.count, by: lanes) {
                        if try await cases[index].isValid(in: own) { valid += 1 }
                    }
                    return valid
                }
            }
            return try await group.reduce(0, +)
        }
    }

    private func isValid(in folder: TestFolder) async throws -> Bool {
        // By standard input, because an argument has at most 128 KiB; an argument would show it to other users too.
        let file = try folder.write("token", token + "\n")
        let process = try GatewayProcess(
            ["verify-token"] + options, in: folder, prefix: ["sh", "-c", "exec \"$@\" <'\(file)'", "sh"])
        let code = try await process.exitCode()
        let verdict = try VerifyTokenTests.verdict(process.output)
        let isValid = code == 0
        #expect(verdict["valid"] == .bool(isValid), "\(name): \(process.output)")
        #expect(code == 0 || code == 1, "\(name): \(code)")
        if let expected { #expect(isValid == expected, "\(name): \(process.output)") }
        if let reasons, let reason = verdict["reason"]?.text?.string {
            #expect(reasons.contains(reason), "\(name): \(process.output)")
        }
        return isValid
    }
}
