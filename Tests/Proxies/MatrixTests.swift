import Foundation
import TestSupport
import Testing

/// What has to hold behind every proxy with every protocol, as one table. `Tests/Proxies/matrix` runs the long rows too
/// and prints the manual's tables.
@Suite(
    .namesProxy, .enabled(if: FileManager.default.isExecutableFile(atPath: PythonPackages.python), "needs .ci/setup"))
struct `The matrix of proxies` {
    private static let isWhole = ProcessInfo.processInfo.environment["GATEWAY_PROXY_MATRIX"] == "whole"

    private struct Column: Hashable, CustomStringConvertible {
        let proxy: RealProxy
        let version: WebProtocol

        var description: String { "\(proxy) over \(version.rawValue)" }
    }

    @Test func `every row holds behind every proxy`() async throws {
        #expect(Row.targets.count == 95)
        let rows = Row.all.filter { Self.isWhole || !$0.isLong }
        let table = try await withThrowingTaskGroup(of: [(Column, [Row.Cell?])].self) { group in
            for proxy in RealProxy.chosen {
                group.addTask { try await Self.columns(proxy, rows) }
            }
            return try await group.reduce(into: [Column: [Row.Cell?]]()) { table, columns in
                for (column, cells) in columns { table[column] = cells }
            }
        }
        for (column, cells) in table {
            for (row, cell) in zip(rows, cells) where cell?.holds == false {
                Issue.record("\(row.name) behind \(column): \(cell?.said ?? "")")
            }
        }
        if Self.isWhole { print(Self.markdown(rows, table)) }
        try Self.compareWithManual(rows, table)
    }

    /// RT-129: the manual says of proxies what happens here, word for word.
    private static func compareWithManual(_ rows: [Row], _ table: [Column: [Row.Cell?]]) throws {
        let page = try String(
            contentsOfFile: PythonPackages.checkout + "/Sources/Gateway/Gateway.docc/Proxies.md", encoding: .utf8)
        var shown: [Column: [String: String]] = [:]
        var columns: [Column] = []
        for line in page.split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if let version = WebProtocol(rawValue: String(cells[0])) {
                columns = cells.dropFirst().compactMap { name in
                    RealProxy(rawValue: String(name)).map { Column(proxy: $0, version: version) }
                }
            } else if columns.count == cells.count - 1 {
                for (column, cell) in zip(columns, cells.dropFirst()) { shown[column, default: [:]][cells[0]] = cell }
            }
        }
        for (column, cells) in table {
            for (row, cell) in zip(rows, cells) where cell.map({ $0.said != shown[column]?[row.title] ?? "" }) ?? false
            {
                Issue.record("The manual does not say of \(column): \(row.title): \(cell?.said ?? "")")
            }
        }
    }

    /// One site for all protocols, which take each row side by side. A row that takes the gateway away is the last of its
    /// kind, so rows come first.
    private static func columns(_ proxy: RealProxy, _ rows: [Row]) async throws -> [(Column, [Row.Cell?])] {
        var cells: [WebProtocol: [Row.Cell?]] = [:]
        try await ProxiedApp.run(behind: proxy, .init(program: Python.app("asgi"), hasRawClient: true, isSecure: true))
        { site in
            let cookie = try await site.signIn(as: Member.ben)
            for row in rows {
                try await withThrowingTaskGroup(of: (WebProtocol, Row.Cell?).self) { group in
                    for version in proxy.protocols {
                        let visit = Visit(site: site, version: version, cookie: cookie)
                        group.addTask {
                            (version, row.protocols.contains(version) ? try await row.check(visit) : nil)
                        }
                    }
                    for try await (version, cell) in group { cells[version, default: []].append(cell) }
                }
            }
        }
        return cells.map { (Column(proxy: proxy, version: $0.key), $0.value) }
    }

    /// One table for each protocol.
    private static func markdown(_ rows: [Row], _ table: [Column: [Row.Cell?]]) -> String {
        WebProtocol.allCases.map { version in
            let proxies = RealProxy.chosen.filter { table[Column(proxy: $0, version: version)] != nil }
            var lines = ["| \(version.rawValue) |" + proxies.map { " \($0) |" }.joined()]
            lines.append("|---|" + proxies.map { _ in "---|" }.joined())
            for (index, row) in rows.enumerated() where row.protocols.contains(version) {
                let cells = proxies.map { table[Column(proxy: $0, version: version)]?[index]?.said ?? "" }
                lines.append("| \(row.title) |" + cells.map { " \($0) |" }.joined())
            }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}
