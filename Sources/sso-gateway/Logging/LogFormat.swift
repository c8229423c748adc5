import Gateway
import HTTP
import JOSE
import Untrusted

/// How an event is written to a line.
enum LogFormat: String, Sendable, CaseIterable {
    case json, text

    /// One line with its end, printable ASCII whatever is put in. `milliseconds` since 1970.
    func line(_ event: Event, _ request: RequestID?, _ fields: EventLog.Fields, at milliseconds: Int64) -> [UInt8] {
        let fields = fields.filter { !$0.value.isEmpty }.map { ($0.key, $0.value) }
        let time = UTCTime(unixSeconds: milliseconds / 1000)
        let clock = "\(time.time).\(Self.threeDigits(milliseconds % 1000))"
        let line =
            switch self {
            case .json: Self.json(event, request, fields, "\(time.date)T\(clock)Z")
            case .text: Self.text(event, request, fields, clock)
            }
        return line + [UInt8(ascii: "\n")]
    }

    private static func json(
        _ event: Event, _ request: RequestID?, _ fields: [(String, String)], _ time: String
    ) -> [UInt8] {
        let names = request.map { [("request_id", $0.description)] } ?? []
        let members = [("time", time), ("level", event.level.rawValue), ("event", event.rawValue)] + names + fields
        let object = JSONObject(members.map { (name: UntrustedText($0.0), value: JSONValue.string($0.1)) })
        return JSONValue.object(object).encoded(onlyASCII: true)
    }

    private static func text(
        _ event: Event, _ request: RequestID?, _ fields: [(String, String)], _ time: String
    ) -> [UInt8] {
        var line = Array("\(time) \(event.rawValue)".utf8)
        for (name, value) in fields + (request.map { [("request", $0.description)] } ?? []) {
            line += " \(name)=".utf8
            let quoted = JSONValue.string(value).encoded(onlyASCII: true)
            let needsQuotes = value.utf8.contains { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") }
            line += needsQuotes ? quoted[...] : quoted.dropFirst().dropLast()
        }
        return line
    }

    private static func threeDigits(_ number: Int64) -> String {
        String(repeating: "0", count: number < 10 ? 2 : number < 100 ? 1 : 0) + "\(number)"
    }
}
