import HTTP
import JOSE
import Marketplace
import SecretMemory
import TestSupport
import Untrusted

@testable import sso_gateway

/// A batch of three records, one of each kind, a journal on disk, and a marketplace that answers by a script.
final class BatchWorld {
    struct Answer {
        var status = 200
        var body = "{}"
        var headers: HTTPHeaders = [:]
        var error: HTTPClientError?

        static let confirmed = Answer()
        static let lost = Answer(error: .timedOut)
        static let unreachable = Answer(error: .cannotConnect)
        static func refused(_ status: Int, _ code: String = "code", headers: HTTPHeaders = [:]) -> Answer {
            Answer(status: status, body: #"{"error":{"code":"\#(code)","message":"No."}}"#, headers: headers)
        }
        /// Of the broker itself.
        static func broker(_ status: Int, _ code: String, _ message: String = "No.", wait: String? = nil) -> Answer {
            var headers: HTTPHeaders = ["X-SSO-Broker": "refused"]
            if let wait { headers.append("Retry-After", wait) }
            let body = #"{"error":{"code":"\#(code)","message":"\#(message)"},"request_id":"1"}"#
            return Answer(status: status, body: body, headers: headers)
        }
    }

    static let input = Array(
        (BatchSample.csv(Array(BatchSample.lines.prefix(4)))
            + BatchSample.csv([
                BatchSample.line("invoice", BatchSample.invoiceTimes, BatchSample.item, ["externalId": ""])
            ])
            .split(separator: "\n")[1] + "\n").utf8)
    static let head = BatchJournal.Head(input: "input", broker: "http://127.0.0.1:1")

    let folder: TemporaryFolder
    let records = ReadBatch(BatchWorld.input).records
    /// What is answered, in turn.
    var answers: [Answer] = []
    /// Numbers of the records that were sent, and seconds of the pauses.
    private(set) var sent: [Int] = []
    private(set) var pauses: [Int64] = []

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder.path("file.progress") }

    func journal(
        _ head: BatchJournal.Head = BatchWorld.head, moved: Bool = false, others: [(what: String, path: String)] = []
    ) throws -> BatchJournal {
        try BatchJournal(
            JournalFile(path, create: head.broker != nil, others: others), head,
            digests: Dictionary(uniqueKeysWithValues: records.map { ($0.number, $0.digest) }),
            brokerMayDiffer: moved)
    }

    var text: String { (try? ReadFile.text(path)) ?? "" }

    /// The states of the journal's lines.
    var words: [String] {
        text.split(separator: "\n").dropFirst().compactMap { line in
            (try? JSONObject(parsing: Array(line.utf8)))?["state"]?.text?.string
        }
    }

    /// Without the journal, which the next run opens.
    struct Run {
        let outcomes: [(record: BatchRecord, outcome: BatchOutcome)]
        let stopped: String?
    }

    /// Sends what is left, with these answers.
    func run(_ answers: [Answer], of numbers: [Int] = [1, 2, 3], patience: Int64 = 100) async throws -> Run {
        self.answers = answers
        sent = []
        pauses = []
        let (records, send) = (records, send)
        var batch = SendBatch(try journal(), patience: patience, send: send) { [self] in pauses.append($0) }
        try await batch.run(records.filter { numbers.contains($0.number) }) { _, _ in }
        return Run(outcomes: batch.outcomes, stopped: batch.stopped)
    }

    private func send(_ call: APICall) async throws(HTTPClientError) -> CallAnswer {
        sent.append(records.first { CallReport.request($0.call) == CallReport.request(call) }?.number ?? 0)
        let answer = answers.isEmpty ? Answer(status: 599) : answers.removeFirst()
        if let error = answer.error { throw error }
        return CallAnswer(
            HTTPClientResponse(
                status: HTTPStatus(rawValue: answer.status), headers: answer.headers, body: SecretBytes(answer.body)))
    }
}
