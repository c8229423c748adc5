import Gateway
import Glibc
import HTTP

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
            let time = Self.now()
            let line =
                switch format {
                case .json: Self.json(event, request, fields, time)
                case .text: Self.text(event, request, fields, time)
                }
            var bytes = Array(line.utf8)
            bytes.append(UInt8(ascii: "\n"))
            // One write of less than a pipe's buffer is never mixed with another's.
            _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        }
    }

    static func json(_ event: Event, _ request: RequestID?, _ fields: EventLog.Fields, _ time: String) -> String {
        var line = #"{"time":"\#(time)","level":"\#(event.level.rawValue)","event":"\#(event.rawValue)""#
        if let request { line += #","request_id":"\#(request.description)""# }
        for (name, value) in fields where !value.isEmpty { line += ",\(quoted(name)):\(quoted(value))" }
        return line + "}"
    }

    static func text(_ event: Event, _ request: RequestID?, _ fields: EventLog.Fields, _ time: String) -> String {
        var line = "\(time.dropFirst(11).prefix(12)) \(event.rawValue)"
        for (name, value) in fields where !value.isEmpty {
            line +=
                value.contains(where: { $0 == " " || $0 == "\"" })
                ? " \(name)=\(quoted(value))" : " \(name)=\(plain(value))"
        }
        if let request { line += " request=\(request.description)" }
        return line
    }

    /// A JSON string; control bytes and everything outside ASCII escaped, so that a terminal shows what is there.
    private static func quoted(_ text: String) -> String { "\"\(plain(text))\"" }

    /// What stands for itself, as nearly every value does.
    private static let allowed = ByteSet(0x20...0x7e).subtracting("\"\\")

    private static func plain(_ text: String) -> String {
        if allowed.containsAll(text) { return text }
        var plain = ""
        for unit in text.utf16 {
            switch unit {
            case 0x22: plain += "\\\""
            case 0x5c: plain += "\\\\"
            case 0x20...0x7e: plain.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                plain += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return plain
    }

    /// RFC 3339 in UTC with milliseconds.
    private static func now() -> String {
        var time = timespec()
        var parts = unsafe tm()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        unsafe gmtime_r(&time.tv_sec, &parts)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(width - digits.count, 0)) + digits
        }
        let date = unsafe "\(parts.tm_year + 1900)-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
        let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }.joined(separator: ":")
        return "\(date)T\(clock).\(padded(time.tv_nsec / 1_000_000, 3))Z"
    }
}
