import Gateway
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// Reads a file of usage, bills and invoices into the calls that submit them: CSV or JSON Lines, known by its first byte.
struct ReadBatch {
    /// In bytes.
    static let maximumSize = 64 * ReadFile.maximumSize
    /// The broker takes no more. In bytes.
    static let maximumBody = 1024 * 1024
    /// Of a CSV file. All known columns take a few hundred bytes.
    static let maximumHead = 64 * 1024
    /// So many unknown columns are looked up: each costs a comparison with every known one.
    static let maximumHeadProblems = 20
    /// What a line of JSON Lines may be in place of a row: a whole body, by its operation.
    static let operations: [APIOperation] = [.submitBillingData, .submitInvoice, .submitPrepaymentBalances]

    private(set) var records: [BatchRecord] = []
    private(set) var problems: [BatchProblem] = []
    /// By the record that they belong to, in the file's order.
    private var groups: [BatchRow.Key: [BatchRow]] = [:]
    private var wholes: [(line: Int, installation: UntrustedText, operation: APIOperation, body: JSONValue)] = []

    init(_ file: [UInt8]) {
        // Spreadsheets put a byte order mark in front.
        let bytes = file.starts(with: [0xef, 0xbb, 0xbf]) ? Array(file.dropFirst(3)) : file
        let first = bytes.first { $0 > 0x20 }
        if first == UInt8(ascii: "{") { readJSONLines(bytes) } else { readCSV(bytes) }
        makeRecords()
        findDoubles()
        if records.isEmpty, problems.isEmpty { problems = [BatchProblem(line: 0, "has no line of usage or billing.")] }
        problems.sort { $0.line < $1.line }
    }

    private mutating func readCSV(_ bytes: [UInt8]) {
        guard (bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count) <= Self.maximumHead else {
            problems.append(BatchProblem(line: 1, "is larger than 64 KiB: the first line must name the columns."))
            return
        }
        let rows: [CSVText.Row]
        do { rows = try CSVText.rows(bytes) } catch {
            problems.append(BatchProblem(line: error.line, error.message + "."))
            return
        }
        guard let head = rows.first else { return }
        if head.fields.count == 1, head.fields[0].bytes.contains(UInt8(ascii: ";")) {
            problems.append(BatchProblem(line: head.line, "separates its columns by semicolons, not by commas."))
            return
        }
        var columns: [BatchRow.Column] = []
        for name in head.fields {
            guard problems.count < Self.maximumHeadProblems else { break }
            guard let column = BatchRow.Column(name) else {
                let shown = String(name.string.visible.prefix(40))
                let closest = ClosestName.to(shown, among: BatchRow.Column.allCases.map(\.rawValue))
                let hint = closest.map { "; did you mean \($0)?" } ?? "."
                problems.append(BatchProblem(line: head.line, "\(shown) is not a known column\(hint)"))
                continue
            }
            if columns.contains(column) {
                problems.append(BatchProblem(line: head.line, "the column \(column.rawValue) is there twice."))
            }
            columns.append(column)
        }
        guard problems.isEmpty else { return }
        for row in rows.dropFirst() {
            guard row.fields.count == columns.count else {
                problems.append(
                    BatchProblem(line: row.line, "has \(row.fields.count) values for \(columns.count) columns."))
                continue
            }
            do { try add(row, columns) } catch { problems.append(error) }
        }
    }

    private mutating func add(_ row: CSVText.Row, _ columns: [BatchRow.Column]) throws(BatchProblem) {
        var values: [BatchRow.Column: JSONValue] = [:]
        for (column, text) in zip(columns, row.fields) where !text.isEmpty {
            guard column.isNumber else {
                values[column] = .string(text)
                continue
            }
            switch try? JSONValue.parse(text.bytes) {
            case .integer(let number)?: values[column] = .integer(number)
            case .number(let number)? where number.isFinite: values[column] = .number(number)
            default: throw BatchProblem(line: row.line, "\(column.rawValue) must be a number.")
            }
        }
        add(try BatchRow(line: row.line, values))
    }

    private mutating func add(_ row: BatchRow) { groups[row.key, default: []].append(row) }

    private mutating func readJSONLines(_ bytes: [UInt8]) {
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            do { try addJSON(number, Array(line)) } catch { problems.append(error) }
        }
    }

    private mutating func addJSON(_ line: Int, _ bytes: [UInt8]) throws(BatchProblem) {
        let object: JSONObject
        do { object = try JSONObject(parsing: bytes) } catch {
            throw BatchProblem(line: line, "cannot be read as JSON (\(error.reason)).")
        }
        if let operation = Self.operations.first(where: { object[UntrustedText($0.name)] != nil }) {
            let name = UntrustedText(operation.name)
            if let other = object.members.first(where: { $0.name != name && !$0.name.equals("installation") }) {
                throw BatchProblem(line: line, "\(other.name.string.visible) is not a known field.")
            }
            guard case .string(let installation)? = object["installation"] else {
                throw BatchProblem(line: line, "installation is missing.")
            }
            wholes.append((line, installation, operation, object[name] ?? .null))
            return
        }
        add(try BatchRow(line: line, try Self.values(object, line)))
    }

    private static func values(_ object: JSONObject, _ line: Int) throws(BatchProblem) -> [BatchRow.Column: JSONValue] {
        var values: [BatchRow.Column: JSONValue] = [:]
        for (name, value) in object.members {
            if name.equals("period") {
                guard case .object(let period) = value else {
                    throw BatchProblem(line: line, "period must be an object.")
                }
                for (part, time) in period.members {
                    guard let column = BatchRow.Column(UntrustedText("period." + part.string)) else {
                        throw BatchProblem(line: line, "period.\(part.string.visible) is not a known field.")
                    }
                    values[column] = time
                }
            } else if let column = BatchRow.Column(name), column != .periodStart, column != .periodEnd {
                values[column] = value
            } else {
                throw BatchProblem(line: line, "\(name.string.visible) is not a known field.")
            }
        }
        return values
    }

    private mutating func makeRecords() {
        var calls: [(line: Int, call: APICall)] = []
        for whole in wholes {
            do { calls.append((whole.line, try Self.call(whole.operation, whole.installation, whole.body))) } catch {
                let path = [whole.operation.name, error.path].filter { !$0.isEmpty }.joined(separator: ".")
                let named = error.namingArguments
                let isInBody = named.path == error.path
                problems.append(
                    BatchProblem(line: whole.line, "\(isInBody ? FieldError(path, error.problem) : named)"))
            }
        }
        for (key, rows) in groups {
            let operation: APIOperation = key.isInvoice ? .submitInvoice : .submitBillingData
            do {
                calls.append((rows[0].line, try Self.call(operation, key.installation, BatchRow.body(of: rows))))
            } catch {
                problems.append(
                    BatchProblem(line: BatchRow.line(of: error.path, in: rows), error.namingArguments.description))
            }
        }
        calls.sort { $0.line < $1.line }
        records = calls.enumerated().map { BatchRecord(number: $0.offset + 1, line: $0.element.line, $0.element.call) }
    }

    /// A call that keeps every rule but those about the present time.
    private static func call(
        _ operation: APIOperation, _ installation: UntrustedText, _ body: JSONValue
    ) throws(FieldError) -> APICall {
        let parameters = try PathParameters([.integrationConfigurationId: installation])
        let bytes = SecretBytes(body.encoded)
        guard bytes.count <= maximumBody else { throw FieldError("", .rule("must not be larger than 1 MiB")) }
        let call = try operation.call(parameters, query: nil, body: bytes)
        var rules = LocalRules()
        rules.oldestPeriodEnd = ISOTime.range.upperBound
        try call.check(rules, now: ISOTime(seconds: 0))
        return call
    }

    private mutating func findDoubles() {
        var lines: [String: Int] = [:]
        for record in records {
            guard let (key, what) = record.identity else { continue }
            if let earlier = lines[key] {
                problems.append(BatchProblem(line: record.line, "line \(earlier) has \(what)."))
            } else {
                lines[key] = record.line
            }
        }
    }
}
