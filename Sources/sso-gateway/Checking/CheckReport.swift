import JOSE
import Untrusted

/// The result of `check` for programs.
enum CheckReport {
    static func valid(_ findings: [LiveFinding]? = nil) -> JSONObject {
        JSONObject(
            [("valid", .bool(true)), ("problems", .array([]))] + (findings.map { LiveReport.object($0).members } ?? []))
    }

    /// A line of 0 stands for the whole file.
    static func invalid(_ problems: [ConfigurationProblem]) -> JSONObject {
        let problems = problems.map { problem -> JSONValue in
            .object([
                "file": .string(UntrustedText(problem.file)), "line": .integer(Int64(problem.line)),
                "key": .string(UntrustedText(problem.key)), "message": .string(UntrustedText(problem.message)),
            ])
        }
        return ["valid": .bool(false), "problems": .array(problems)]
    }
}
