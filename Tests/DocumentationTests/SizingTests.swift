import TestSupport
import Testing

/// The simulation of many gateways on one database, and its page in the manual.
@Suite struct SizingTests {
    private static let directory =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Sizing"

    /// What the program printed.
    private static func run(_ program: String) throws -> String {
        let folder = try TemporaryFolder()
        let output = folder.path("output")
        let child = try #require(ChildProcess(["python3", "-B", program], in: directory, output: output))
        let succeeded = child.wait()
        #expect(succeeded, "\(textWritten(to: output))")
        return textWritten(to: output)
    }

    @Test func `the simulation agrees with queueing theory, with itself and with measured fleets`() throws {
        let output = try Self.run("check.py")
        for part in ["M/M/8", "lock", "equal seeds", "3 gateways, 20 revocations/s"] {
            #expect(output.contains(part), "\(part)")
        }
    }

    @Test func `the manual has the figures of the model`() throws {
        let page = try DocumentationTests.page("Sizing")
        let parts = try Self.run("plan.py").split(separator: "\n\n")
        #expect(parts.count == 6)
        for part in parts { #expect(page.contains(part.split(separator: "\n").joined(separator: "\n")), "\(part)") }
    }

    @Test func `the page names existing metrics`() throws {
        let exposition = try DocumentationTests.exposition()
        let names = Set(
            try DocumentationTests.page("Sizing").matches(of: /sso_gateway_[a-z_]+/).map { String($0.output) })
        #expect(names.count > 4)
        for name in names { #expect(exposition.contains("# TYPE \(name) "), "\(name)") }
    }
}
