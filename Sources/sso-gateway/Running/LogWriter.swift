import Gateway
import Glibc

/// Writes events to standard error, one line each, whole lines only.
struct LogWriter: Sendable {
    enum Format: String, Sendable, CaseIterable {
        case json, text
    }

    let format: Format
    private let descriptor: Int32

    init(_ format: Format, descriptor: Int32 = 2) {
        self.format = format
        self.descriptor = descriptor
    }

    var log: EventLog {
        EventLog { event, request, fields in
            var time = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &time)
            var line = LogLine()
            switch format {
            case .json: Self.writeJSON(event, request, fields, time, to: &line)
            case .text: Self.writeText(event, request, fields, time, to: &line)
            }
            line.put("\n")
            // One write of less than a pipe's buffer is never mixed with another's.
            _ = unsafe line.bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        }
    }

    private static func writeJSON(
        _ event: Event, _ request: RequestID?, _ fields: EventLog.Fields, _ time: timespec, to line: inout LogLine
    ) {
        line.put(#"{"time":""#)
        line.putDate(time)
        line.put("T")
        line.putTime(time)
        line.put(#"Z","level":""#)
        line.put(event.level.rawValue)
        line.put(#"","event":""#)
        line.put(event.rawValue)
        line.put("\"")
        if let request {
            line.put(#","request_id":""#)
            line.put(request.description)
            line.put("\"")
        }
        for (name, value) in fields where !value.isEmpty {
            line.put(",")
            line.putQuoted(name)
            line.put(":")
            line.putQuoted(value)
        }
        line.put("}")
    }

    private static func writeText(
        _ event: Event, _ request: RequestID?, _ fields: EventLog.Fields, _ time: timespec, to line: inout LogLine
    ) {
        line.putTime(time)
        line.put(" ")
        line.put(event.rawValue)
        for (name, value) in fields where !value.isEmpty {
            line.put(" ")
            line.put(name)
            line.put("=")
            if value.utf8.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") }) {
                line.putQuoted(value)
            } else {
                line.putEscaped(value)
            }
        }
        if let request {
            line.put(" request=")
            line.put(request.description)
        }
    }
}
