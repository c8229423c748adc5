import HTTP
import Storage
import Testing

@testable import Gateway
@testable import sso_gateway

/// Compares the manual's tables of failures with the code.
@Suite struct FailureManualTests {
    private struct Row {
        let failure, people, log, metrics, ready, end: String
    }

    private static func page() throws -> String {
        try DocumentationTests.read("Sources/Gateway/Gateway.docc/Failures.md")
    }

    private static func rows() throws -> [Row] {
        let lines = try page().split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| failure") }
        return lines.map { line in
            let cells = line.dropFirst(2).dropLast(2).split(separator: " | ").map(String.init)
            #expect(cells.count == 6, "\(line)")
            let whole = cells + Array(repeating: "", count: max(0, 6 - cells.count))
            return Row(
                failure: whole[0], people: whole[1], log: whole[2], metrics: whole[3], ready: whole[4], end: whole[5])
        }
    }

    /// The words in backticks.
    private static func quoted(_ text: String) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }

    @Test func `every row has the page, the events, the metrics, the state and the end`() throws {
        let rows = try Self.rows()
        #expect(rows.count > 20)
        for row in rows {
            for cell in [row.failure, row.people, row.log, row.metrics, row.ready, row.end] { #expect(!cell.isEmpty) }
        }
    }

    @Test func `its pages have these titles and statuses`() throws {
        let text = try Self.page().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        let own = LoginFailure.allCases.map { (Int($0.status.rawValue), $0.title) }
        var count = 0
        for index in stride(from: 1, to: parts.count - 1, by: 2) where parts[index].first?.isUppercase == true {
            let title = String(parts[index])
            guard title != "You are still signed in" else { continue }
            let status = parts[index - 1].split(separator: " ").last.flatMap { Int($0) }
            #expect(own.contains { $0.1 == title && $0.0 == status }, "\(status ?? 0) \(title)")
            count += 1
        }
        #expect(count > 10)
        #expect(text.contains("\"You are still signed in\""))
    }

    @Test func `its events exist`() throws {
        let events = Set(Event.allCases.map(\.rawValue))
        let others: Set<String> = [
            "tls", "name", "connect", "detail", "expired", "issued_in_future", "database or disk is full",
            "taken away or replaced",
        ]
        for row in try Self.rows() where row.log != "none" {
            let words = Self.quoted(row.log)
            #expect(!words.isEmpty, "\(row.failure)")
            for word in words { #expect(events.contains(word) || others.contains(word), "\(word)") }
        }
    }

    @Test func `its metrics exist, with these labels`() throws {
        let exposition = try DocumentationTests.exposition()
        for row in try Self.rows() where row.metrics != "none" {
            let series = Self.quoted(row.metrics)
            #expect(!series.isEmpty, "\(row.failure)")
            for one in series {
                let name = one.prefix { $0 != "{" }
                let label = one.dropFirst(name.count + 1).dropLast()
                let isThere = exposition.split(separator: "\n").contains { line in
                    label.isEmpty
                        ? line.hasPrefix("# TYPE \(name) ") : line.hasPrefix("\(name){") && line.contains(label)
                }
                #expect(isThere, "\(one)")
            }
        }
    }

    @Test func `its states exist, and every state is in it`() throws {
        let reasons = Set(ReadyReport.Reason.allCases.map(\.rawValue))
        var listed: Set<String> = []
        for row in try Self.rows() where row.ready != "none" {
            for word in Self.quoted(row.ready) {
                #expect(reasons.contains(word), "\(word)")
                listed.insert(word)
            }
        }
        // No failure: the operator has allowed it.
        #expect(listed == reasons.subtracting(["old_library"]))
    }
}
