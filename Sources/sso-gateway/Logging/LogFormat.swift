import Gateway
import HTTP
import JOSE
import Untrusted

/// The format of the log's lines.
enum LogFormat: String, Sendable, CaseIterable {
    case json, text

    /// One line with its line end, in printable ASCII. `milliseconds` since 1970.
    func line(
        _ event: Event, _ request: RequestID?, _ fields: EventLog.Fields, _ trace: TraceContext? = nil,
        at milliseconds: Int64
    ) -> [UInt8] {
        let time = UTCTime(unixSeconds: milliseconds / 1000)
        let clock = "\(time.time).\(Self.threeDigits(milliseconds % 1000))"
        let line =
            switch self {
            case .json: Self.json(event, request, fields, trace, "\(time.date)T\(clock)Z")
            case .text: Self.text(event, request, fields, trace, clock)
            }
        return line + [UInt8(ascii: "\n")]
    }

    private static func json(
        _ event: Event, _ request: RequestID?, _ fields: EventLog.Fields, _ trace: TraceContext?, _ time: String
    ) -> [UInt8] {
        var members: [(name: UntrustedText, value: JSONValue)] = [
            ("time", .string(time)), ("level", .string(event.level.rawValue)), ("event", .string(event.rawValue)),
        ]
        if let request { members.append(("request_id", .string(request.description))) }
        for (name, value) in fields where !value.isEmpty { members.append((UntrustedText(name), .string(value))) }
        if let trace { members.append(("traceparent", .string(trace.traceparent))) }
        return JSONValue.object(JSONObject(members)).encoded(onlyASCII: true)
    }

    private static func text(
        _ event: Event, _ request: RequestID?, _ fields: EventLog.Fields, _ trace: TraceContext?, _ time: String
    ) -> [UInt8] {
        var line = Array("\(time) \(event.rawValue)".utf8)
        for (name, value) in fields where !value.isEmpty {
            line += " \(name)=".utf8
            let quoted = JSONValue.string(value).encoded(onlyASCII: true)
            let needsQuotes = value.utf8.contains { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") }
            line += needsQuotes ? quoted[...] : quoted.dropFirst().dropLast()
        }
        if let trace { line += " traceparent=\(trace.traceparent)".utf8 }
        if let request { line += " request=\(request)".utf8 }
        return line
    }

    private static func threeDigits(_ number: Int64) -> String {
        String(repeating: "0", count: number < 10 ? 2 : number < 100 ? 1 : 0) + "\(number)"
    }
}
