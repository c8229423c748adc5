import ArgumentParser
import Gateway
import Glibc
import HTTP
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Untrusted

struct BillingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "billing", abstract: "Usage and bills.", subcommands: [Submit.self])

    struct Submit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends a file of usage, bills and invoices, and goes on where it stopped.",
            discussion: """
                The file is CSV or JSON Lines; the manual's page Marketplace commands has its columns. Lines of one \
                installation and day, or of one invoice, make one record. A journal beside the file says what was sent \
                and confirmed: started again, the command sends the rest. A record whose answer was lost is sent again \
                where the marketplace acts on it once. An invoice without externalId is not: it is reported, the \
                command ends with 2, and --arrived or --send-again with its line settles it.
                """)
        static let operations = ReadBatch.operations.filter { $0 == .submitBillingData }

        @Argument(help: "The file.") var file: String
        @Option(help: .init("The journal's path. (default: the file's with .progress)", valueName: "file"))
        var journal: String?
        @Option(help: .init("The record at this line has arrived: do not send it again.", valueName: "line"))
        var arrived: [Int] = []
        @Option(help: .init("The record at this line has not arrived: send it again.", valueName: "line"))
        var sendAgain: [Int] = []
        @Flag(help: "Leave out data that the marketplace no longer takes because the day or the period is too old.")
        var skipOld = false
        @Flag(help: "The broker's address has changed since the journal was begun, and it is the same gateway.")
        var moved = false
        @Option(help: .init("How long one record may wait for its turn or for an answer.", valueName: "seconds"))
        var patience: Int64 = 900
        @OptionGroup var options: CallOptions

        func validate() throws {
            guard (0...86_400).contains(patience) else { throw ValidationError("--patience is 0 to 86400.") }
            if let line = arrived.first(where: sendAgain.contains) {
                throw ValidationError("--arrived and --send-again both name line \(line).")
            }
        }

        func run() async throws {
            let bytes = try read()
            let batch = ReadBatch(bytes)
            guard batch.problems.isEmpty else { throw refuse(batch.problems) }
            if options.dryRun {
                showDryRun(try leftOut(of: batch.records))
                return
            }
            let digest = SHA256.hash(bytes).hexadecimal
            do {
                guard arrived.isEmpty, sendAgain.isEmpty else {
                    try settle(batch.records, digest)
                    return
                }
                let used = Set(batch.records.map(\.call.operation))
                let connection = try options.broker.connect(for: ReadBatch.operations.filter(used.contains))
                defer { connection.stop() }
                try finish(try await send(batch.records, digest, connection))
            } catch let problem as BatchJournal.Problem {
                Terminal.fail("\(problem)")
                throw Exit.failed
            }
        }
    }
}

extension BillingCommand.Submit {
    /// A person has to find out what arrived. Beside 1 for what was refused or failed.
    static let isUnknown = ExitCode(2)
    private static let mostProblems = 20

    private func send(
        _ all: [BatchRecord], _ digest: String, _ connection: BrokerConnection
    ) async throws -> BatchReport {
        let journal = try openJournal(all, digest, connection.address)
        let records = try leftOut(of: all) { journal.state(of: $0) != .done }
        if journal.isContinued, Terminal.isTerminal(2) {
            Terminal.complain("Going on with \(journal.path.visible).")
        }
        let progress = BatchProgress(total: records.count)
        var sending = SendBatch(journal, patience: patience) { (call) async throws(HTTPClientError) in
            try await connection.send(call)
        }
        try await sending.run(records) { progress.show($0, $1) }
        progress.clear()
        return BatchReport(file: file, outcomes: sending.outcomes, stopped: sending.stopped)
    }

    private func read() throws -> [UInt8] {
        let descriptor = unsafe Glibc.open(file, O_RDONLY | O_CLOEXEC)
        do {
            guard descriptor >= 0 else {
                throw ReadFile.Failure(message: "cannot read \(file): \(ReadFile.reason())")
            }
            defer { close(descriptor) }
            return try ReadFile.bytes(of: descriptor, file, atMost: ReadBatch.maximumSize).exposedBytes
        } catch {
            Terminal.fail("\(error)")
            throw Exit.failed
        }
    }

    private func refuse(_ problems: [BatchProblem]) -> ExitCode {
        if options.json { Terminal.say(BatchReport.json(of: problems, in: file)) }
        let terminal = Terminal(descriptor: 2)
        for problem in problems.prefix(Self.mostProblems) {
            let place = problem.line > 0 ? "\(file):\(problem.line):" : "\(file)"
            Terminal.complain("\(terminal.bad("✗")) " + "\(place) \(problem.message)".visible)
        }
        let rest = problems.count - Self.mostProblems
        if rest > 0 { Terminal.complain("… and \(rest) more") }
        Terminal.complain("\n\(problems.count) \(problems.count == 1 ? "problem" : "problems"). Nothing was sent.")
        return Exit.failed
    }

    /// Without the records that are too old by now, if those are to be left out.
    private func leftOut(
        of records: [BatchRecord], where isToBeSent: (BatchRecord) -> Bool = { _ in true }
    ) throws -> [BatchRecord] {
        let now = ISOTime(seconds: Clock.system.unixSeconds())
        var problems: [BatchProblem] = []
        let fitting = records.filter { record in
            guard isToBeSent(record) else { return true }
            do {
                try record.call.check(LocalRules(), now: now)
                return true
            } catch {
                problems.append(BatchProblem(line: record.line, "\(record.label): \(error)"))
                return false
            }
        }
        guard !problems.isEmpty else { return records }
        guard skipOld else {
            let code = refuse(problems)
            Terminal.complain("With --skip-old the others are sent.")
            throw code
        }
        for problem in problems {
            Terminal.complain("\(file):\(problem.line): left out: \(problem.message)".visible)
        }
        return fitting
    }

    private func openJournal(
        _ records: [BatchRecord], _ digest: String, _ broker: String?
    ) throws(BatchJournal.Problem) -> BatchJournal {
        let digests = Dictionary(uniqueKeysWithValues: records.map { ($0.number, $0.digest) })
        var others = [(what: "input", path: file)]
        if let path = options.broker.tokenFile { others.append((what: "token file", path: path)) }
        if let path = options.broker.config { others.append((what: "configuration", path: path)) }
        let opened = try JournalFile(journal ?? file + ".progress", create: broker != nil, others: others)
        return try BatchJournal(opened, .init(input: digest, broker: broker), digests: digests, brokerMayDiffer: moved)
    }

    /// Sends nothing: started again after a kill, a command that settles and sends could settle what it sent itself.
    private func settle(_ records: [BatchRecord], _ digest: String) throws {
        let journal = try openJournal(records, digest, nil)
        let given = arrived.map { ($0, BatchJournal.Word.arrived) } + sendAgain.map { ($0, .sendAgain) }
        let found = try given.map { line, word in
            guard let record = records.first(where: { $0.line == line }) else {
                throw ValidationError("No record begins at line \(line).")
            }
            guard [.inDoubt, .conflict].contains(journal.state(of: record)) else {
                throw ValidationError("The record at line \(line) is not in doubt.")
            }
            return (record, word)
        }
        for (record, word) in found { try journal.note(word, record) }
        Terminal.say("Noted. Start the command without --arrived and --send-again to send the rest.")
    }

    private func showDryRun(_ records: [BatchRecord]) {
        if options.json {
            for record in records { Terminal.say(CallReport.json(of: record.call, line: record.line)) }
            return
        }
        let width = records.map(\.label.count).max() ?? 0
        for record in records {
            let total = record.total.map { "$\($0)" } ?? ""
            Terminal.say(
                "\(record.line)".padded(to: 7) + record.label.padded(to: width + 2)
                    + total.padded(to: 14) + CallReport.path(of: record.call))
        }
        let invoices = records.filter { $0.call.operation == .submitInvoice }
        let sum = BatchRecord.sum(invoices.compactMap(\.total))
        Terminal.say(
            "\n\(records.count) records, \(invoices.count) of them invoices of $\(sum?.description ?? "-") before discounts. Nothing was sent."
        )
    }

    private func finish(_ report: BatchReport) throws {
        let terminal = Terminal(descriptor: 2)
        for complaint in report.complaints { Terminal.complain("\(terminal.bad("✗")) \(complaint)") }
        Terminal.say(options.json ? report.json : report.text(Terminal()))
        guard !report.isComplete else { return }
        throw report.hasUnknown ? Self.isUnknown : Exit.failed
    }
}
