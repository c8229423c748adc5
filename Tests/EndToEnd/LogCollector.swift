import Locking
import TestSupport

@testable import Gateway

/// Events as lines of text, to be searched.
struct LogCollector: Sendable {
    private let lines = Locked<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var log: EventLog {
        EventLog { [lines] event, request, fields in
            let text = fields.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            lines.withLock { $0.append("\(event.rawValue) request=\(request?.description ?? "") \(text)") }
        }
    }
}
