import Marketplace
import Testing
import Untrusted

@testable import sso_gateway

/// A CSV file of one line of each kind, and the same as JSON Lines.
enum BatchSample {
    static let head = BatchRow.Column.allCases.map(\.rawValue).joined(separator: ",")
    static let dataTimes = [
        "timestamp": "2026-11-28T01:00:00Z", "eod": "2026-11-28T23:59:59Z", "period.start": "2026-11-01T00:00:00Z",
        "period.end": "2026-11-30T23:59:59Z",
    ]
    static let invoiceTimes = [
        "externalId": "inv-1", "invoiceDate": "2026-11-30T00:00:00Z", "memo": "Thank you",
        "period.start": "2026-11-01T00:00:00Z", "period.end": "2026-11-30T23:59:59Z",
    ]
    static let item = [
        "billingPlanId": "plan_pro", "resourceId": "db", "start": "2026-11-02T00:00:00Z",
        "end": "2026-11-03T00:00:00Z", "name": "Compute", "details": "two, engines", "price": "694.00",
        "quantity": "228.64", "units": "hours", "total": "158676.16",
    ]
    static let discount = ["billingPlanId": "plan_pro", "name": "Launch", "amount": "0.50"]
    static let usage = [
        "resourceId": "db", "name": "Storage", "type": "total", "units": "GB", "dayValue": "4.25", "periodValue": "9",
        "planValue": "10",
    ]

    static func line(_ kind: String, _ parts: [String: String]...) -> [String: String] {
        parts.reduce(["installation": "icfg_1", "line": kind]) { $0.merging($1) { $1 } }
    }

    static let lines = [
        line("usage", dataTimes, usage), line("billing", dataTimes, item), line("discount", dataTimes, discount),
        line("invoice", invoiceTimes, item), line("invoiceDiscount", invoiceTimes, discount),
    ]

    static func csv(_ lines: [[String: String]] = lines) -> String {
        let rows = lines.map { line in
            BatchRow.Column.allCases.map { column in
                let value = line[column.rawValue] ?? ""
                return value.contains { ",\"\n".contains($0) } ? "\"\(value.replacing("\"", with: "\"\""))\"" : value
            }.joined(separator: ",")
        }
        return ([head] + rows).joined(separator: "\n") + "\n"
    }

    static func jsonLines(_ lines: [[String: String]] = lines) -> String {
        lines.map { line in
            let members = line.sorted { $0.key < $1.key }.compactMap { name, value -> String? in
                if name.hasPrefix("period.") { return nil }
                let isNumber = BatchRow.Column(rawValue: name)?.isNumber ?? false
                return "\"\(name)\":\(isNumber ? value : "\"\(value)\"")"
            }
            let period =
                "\"period\":{\"start\":\"\(line["period.start"] ?? "")\",\"end\":\"\(line["period.end"] ?? "")\"}"
            return "{\((members + [period]).joined(separator: ","))}\n"
        }.joined()
    }

    static let itemJSON = #"""
        {"billingPlanId":"plan_pro","resourceId":"db","start":"2026-11-02T00:00:00.000Z","end":"2026-11-03T00:00:00.000Z",\#
        "name":"Compute","details":"two, engines","price":"694.00","quantity":228.64,"units":"hours","total":"158676.16"}
        """#
    static let data = #"""
        POST /v1/installations/icfg_1/billing
        {"timestamp":"2026-11-28T01:00:00.000Z","eod":"2026-11-28T23:59:59.000Z",\#
        "period":{"start":"2026-11-01T00:00:00.000Z","end":"2026-11-30T23:59:59.000Z"},"billing":{"items":[\#(itemJSON)],\#
        "discounts":[{"billingPlanId":"plan_pro","name":"Launch","amount":"0.50"}]},"usage":[{"resourceId":"db",\#
        "name":"Storage","type":"total","units":"GB","dayValue":4.25,"periodValue":9,"planValue":10}]}
        """#
    static let invoice = #"""
        POST /v1/installations/icfg_1/billing/invoices
        {"externalId":"inv-1","invoiceDate":"2026-11-30T00:00:00.000Z","memo":"Thank you",\#
        "period":{"start":"2026-11-01T00:00:00.000Z","end":"2026-11-30T23:59:59.000Z"},"items":[\#(itemJSON)],\#
        "discounts":[{"billingPlanId":"plan_pro","name":"Launch","amount":"0.50"}]}
        """#
}

@Suite struct `A file of usage and bills` {
    private func read(_ text: String) -> ReadBatch { ReadBatch(Array(text.utf8)) }

    @Test(arguments: [
        BatchSample.csv(), BatchSample.jsonLines(), "\u{feff}" + BatchSample.jsonLines(),
        "\u{feff}" + BatchSample.csv().replacing("\n", with: "\r\n"),
    ])
    func `is one call for each day and each invoice`(_ text: String) {
        let batch = read(text)
        #expect(batch.problems == [])
        #expect(batch.records.map { CallReport.request($0.call) } == [BatchSample.data, BatchSample.invoice])
        #expect(batch.records.map(\.label) == ["2026-11-28 of icfg_1", "invoice inv-1 of icfg_1"])
        #expect(batch.records.map(\.repetition) == [.replaces, .isRefused])
        #expect(batch.records.map { $0.total?.description } == ["158676.16", "158676.16"])
    }

    @Test func `may have whole bodies as JSON Lines`() {
        let bodies = [("submitBillingData", BatchSample.data), ("submitInvoice", BatchSample.invoice)].map {
            name, text in
            #"{"installation":"icfg_1","\#(name)":\#(text.split(separator: "\n")[1])}"#
        }
        let balance =
            #"{"installation":"icfg_2","submitPrepaymentBalances":{"timestamp":"2026-11-28T01:00:00Z","balances":[]}}"#
        let batch = read((bodies + ["", balance]).joined(separator: "\n"))
        #expect(batch.problems == [])
        #expect(batch.records.prefix(2).map { CallReport.request($0.call) } == [BatchSample.data, BatchSample.invoice])
        #expect(batch.records.map(\.line) == [1, 2, 4])
        #expect(batch.records.last?.label == "balances of icfg_2")
    }

    @Test func `keeps money exact`() {
        let lines = ["0.1", "0.2", "123456789012345678901234567890.07"].map { total in
            BatchSample.line("invoice", BatchSample.invoiceTimes, BatchSample.item, ["total": total])
        }
        let batch = read(BatchSample.csv(lines))
        #expect(batch.records.first?.total?.description == "123456789012345678901234567890.37")
        #expect(CallReport.request(batch.records[0].call).contains(#""total":"123456789012345678901234567890.07""#))
    }

    @Test func `has invoices and installations of its own beside each other`() {
        var lines = BatchSample.lines + BatchSample.lines.map { $0.merging(["installation": "icfg_2"]) { $1 } }
        lines.append(BatchSample.line("invoice", BatchSample.invoiceTimes, BatchSample.item, ["externalId": "inv-2"]))
        lines.append(BatchSample.line("invoice", BatchSample.invoiceTimes, BatchSample.item, ["externalId": ""]))
        let batch = read(BatchSample.csv(lines))
        #expect(batch.problems == [])
        #expect(batch.records.map(\.label).count == 6 && Set(batch.records.map(\.digest)).count == 6)
        #expect(batch.records.last?.repetition == .mayDouble)
        #expect(batch.records.last?.label == "invoice without externalId of icfg_1")
    }

    /// Each column of each kind of line, with a value that is wrong and what is said of it.
    static let badValues: [(kind: Int, column: BatchRow.Column, value: String, says: String)] = {
        var cases: [(Int, BatchRow.Column, String, String)] = []
        for (index, line) in BatchSample.lines.enumerated() {
            let kind = BatchRow.Kind.allCases[index]
            for column in kind.ofRecord + kind.ofLine {
                switch column {
                case .timestamp, .eod, .invoiceDate, .periodStart, .periodEnd, .start, .end:
                    cases.append((index, column, "2026-11-28", "must be a time in ISO 8601"))
                case .price, .total, .amount: cases.append((index, column, "1,5", "must be an amount"))
                case .quantity, .dayValue, .periodValue, .planValue:
                    cases.append((index, column, "4,25", "must be a number"))
                case .type: cases.append((index, column, "Total", "must be one of total, interval, rate"))
                default: break
                }
                let isOptional = [.externalId, .memo, .resourceId, .start, .end, .details, .planValue].contains(column)
                if !isOptional { cases.append((index, column, "", "is missing")) }
                _ = line
            }
            cases.append((index, .installation, "", "is missing"))
            cases.append((index, .installation, "icfg/1", "must be an identifier"))
            cases.append((index, .line, "bill", "must be one of usage, billing, discount, invoice, invoiceDiscount"))
        }
        return cases
    }()

    @Test(arguments: badValues.indices) func `is refused with the line and the column of a bad value`(_ index: Int) {
        let (kind, column, value, says) = Self.badValues[index]
        var lines = BatchSample.lines
        lines[kind][column.rawValue] = value
        let batch = read(BatchSample.csv(lines))
        let problem = batch.problems.first { $0.line == kind + 2 }
        #expect(problem?.message.hasPrefix("\(column.rawValue) \(says)") == true, "\(batch.problems)")
    }

    @Test func `tries every column with a bad value`() {
        let optional: Set<BatchRow.Column> = [.externalId, .memo, .resourceId, .details]
        #expect(Set(Self.badValues.map(\.column)) == Set(BatchRow.Column.allCases).subtracting(optional))
    }

    @Test(
        arguments: [
            ("", 0, "has no line of usage or billing."),
            (BatchSample.head + "\n", 0, "has no line of usage or billing."),
            ("installation,line,prise\n", 1, "prise is not a known column; did you mean price?"),
            ("installation,line,line\n", 1, "the column line is there twice."),
            ("installation;line\n", 1, "separates its columns by semicolons, not by commas."),
            ("installation,line\nicfg_1\n", 2, "has 1 values for 2 columns."),
            ("installation,line\n\"icfg_1,usage\n", 2, "has a quotation mark that is not closed."),
            (
                "installation,line\nic\"fg,usage\n", 2,
                "has a quotation mark inside a value that does not begin with one."
            ),
            (
                "installation,line\n\"icfg\"x,usage\n", 2,
                "has something behind a closing quotation mark, or a lone line end."
            ),
            ("{\"installation\":\"icfg_1\"", 1, "cannot be read as JSON (json_ends_early)."),
            ("{\"installation\":\"a\",\"installation\":\"a\"}", 1, "cannot be read as JSON (json_duplicate_name)."),
            ("{\"installation\":\"icfg_1\",\"lines\":1}", 1, "lines is not a known field."),
            ("{\"installation\":\"icfg_1\",\"period.start\":1}", 1, "period.start is not a known field."),
            ("{\"installation\":\"icfg_1\",\"period\":1}", 1, "period must be an object."),
            ("{\"installation\":\"icfg_1\",\"period\":{\"begin\":1}}", 1, "period.begin is not a known field."),
            ("\n{\"installation\":\"icfg_1\",\"submitInvoice\":{}}", 2, "submitInvoice.invoiceDate is missing."),
            ("{\"installation\":\"icfg_1\",\"submitInvoice\":{},\"line\":1}", 1, "line is not a known field."),
            ("{\"submitInvoice\":{}}", 1, "installation is missing."),
            (
                "{\"installation\":\"a/b\",\"submitInvoice\":{}}", 1,
                "installation must be an identifier of 1 to 256 plain characters."
            ),
        ])
    func `is refused as a whole`(_ text: String, _ line: Int, _ message: String) {
        let batch = read(text)
        #expect(batch.problems == [BatchProblem(line: line, message)])
        #expect(batch.records.isEmpty)
    }

    /// A column costs a comparison with each known one: 1 MB of them once took 8 s.
    @Test func `has few columns and a short first line`() {
        let columns = Array(repeating: "prise", count: 10_000).joined(separator: ",")
        #expect(read(columns).problems.count == ReadBatch.maximumHeadProblems)
        #expect(read(Array(repeating: "line", count: 10_000).joined(separator: ",")).problems.count == 20)
        let long = String(repeating: "prise,", count: 11_000)
        for text in [long, long + "\nicfg_1\n"] {
            #expect(
                read(text).problems
                    == [BatchProblem(line: 1, "is larger than 64 KiB: the first line must name the columns.")])
        }
    }

    @Test func `names the line that breaks a rule among those of a record`() {
        var lines = BatchSample.lines
        lines.insert(BatchSample.line("billing", BatchSample.dataTimes, BatchSample.item, ["quantity": "-1"]), at: 3)
        #expect(read(BatchSample.csv(lines)).problems.map(\.line) == [5])
        lines[3] = BatchSample.line("invoice", BatchSample.invoiceTimes, BatchSample.item, ["quantity": "-1"])
        #expect(read(BatchSample.csv(lines)).problems.map(\.line) == [5])
        lines[3] = BatchSample.line("usage", BatchSample.dataTimes, BatchSample.usage, ["amount": "1"])
        #expect(
            read(BatchSample.csv(lines)).problems
                == [BatchProblem(line: 5, "amount has no meaning in a line of usage.")])
    }

    @Test(
        arguments: [
            ("invoice", ["memo": "Another"], "line 5 has an invoice with the same externalId."),
            (
                "billing", ["eod": "2026-11-28T00:00:00Z"],
                "line 2 has data of the same day with the same timestamp."
            ),
        ])
    func `has no record of which the marketplace would keep one`(
        _ kind: String, _ change: [String: String], _ message: String
    ) {
        let times = kind == "invoice" ? BatchSample.invoiceTimes : BatchSample.dataTimes
        let batch = read(BatchSample.csv(BatchSample.lines + [BatchSample.line(kind, times, BatchSample.item, change)]))
        #expect(batch.problems == [BatchProblem(line: 7, message)])
    }

    @Test func `has no invoice twice, with an externalId or without`() {
        let body = BatchSample.invoice.split(separator: "\n")[1].replacing(#""externalId":"inv-1","#, with: "")
        let line = #"{"installation":"icfg_1","submitInvoice":\#(body)}"# + "\n"
        #expect(read(line + line).problems == [BatchProblem(line: 2, "line 1 has the same invoice.")])
    }

    @Test func `has lines of text that keep what is in quotation marks`() throws {
        let rows = try CSVText.rows(Array("a,\"b\"\"c\r\nd\",\r\n\n\"\",é\n".utf8))
        #expect(rows == [.init(line: 1, fields: ["a", "b\"c\r\nd", ""]), .init(line: 4, fields: ["", "é"])])
        #expect(throws: CSVText.Problem(line: 1, message: "is not UTF-8 text")) { try CSVText.rows([0xff, 0x0a]) }
    }

    /// Each damage changes, drops or repeats some bytes. None may end the process, and what is taken has a call.
    @Test(arguments: [BatchSample.csv(), BatchSample.jsonLines()]) func `can be damaged anywhere`(_ text: String) {
        let whole = Array(text.utf8)
        let bytes: [UInt8] = [0, 0x0a, 0x0d, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x5b, 0x5d, 0x7b, 0x7d, 0x80, 0xc3, 0xff]
        var state: UInt64 = 1
        // Knuth's linear congruential generator: the same damage each time.
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var refused = 0
        for _ in 0..<400 {
            var damaged = whole
            for _ in 0...random(3) {
                let place = random(damaged.count)
                switch random(4) {
                case 0: damaged[place] = bytes[random(bytes.count)]
                case 1: damaged.remove(at: place)
                case 2: damaged.insert(bytes[random(bytes.count)], at: place)
                default: damaged.removeSubrange(place..<min(place + random(40) + 1, damaged.count))
                }
            }
            let batch = ReadBatch(damaged)
            #expect(!batch.problems.isEmpty || !batch.records.isEmpty)
            refused += batch.problems.isEmpty ? 0 : 1
        }
        #expect(refused > 100 && refused < 400)
    }
}
