import Gateway
import Glibc

/// How an event is told in a line.
enum LogFormat: String, Sendable, CaseIterable {
    case json, text

    /// One line with its end. The time is the one at which it is made.
    func line(_ event: Event, _ request: RequestID?, _ fields: EventLog.Fields) -> LogLine {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        var line = LogLine()
        switch self {
        case .json: Self.writeJSON(event, request, fields, time, to: &line)
        case .text: Self.writeText(event, request, fields, time, to: &line)
        }
        line.put("\n")
        return line
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
