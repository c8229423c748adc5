import HTTP
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// What people see of a call.
enum CallReport {
    static func success(_ answer: CallAnswer, _ call: APICall, _ terminal: Terminal) -> String {
        let head = "\(terminal.good("✓")) \(call.operation.name) \(terminal.faint("\(answer.status)"))"
        guard let json = answer.json else { return head }
        return ([head] + AnswerLines.lines(of: json, terminal)).joined(separator: "\n")
    }

    static func failure(_ answer: CallAnswer, _ call: APICall, _ terminal: Terminal) -> String {
        let by = answer.isBrokers ? "refused by the gateway" : "refused by the marketplace"
        let head = [call.operation.name, "\(by):", "\(answer.status)", answer.code].filter { !$0.isEmpty }
        return failure(head.joined(separator: " "), terminal) + "\n" + Columns.rows(details(answer, call))
    }

    static func failure(_ message: String, _ terminal: Terminal) -> String { "\(terminal.bad("✗")) \(message)" }

    static func details(_ answer: CallAnswer, _ call: APICall) -> [(String, String)] {
        let rows: [(String, String?)] = [
            ("message", answer.message.isEmpty ? nil : answer.message),
            ("Retry-After", answer.retryAfter.map { "\($0) s" }), ("X-Vercel-Id", answer.vercelID),
            ("request id", answer.requestID), ("next", NextStep.after(answer, call)),
        ]
        return rows.compactMap { name, value in value.map { (name, $0) } }
    }

    /// What would be sent, for people.
    static func request(_ call: APICall) -> String {
        let head = "\(call.operation.method.rawValue) \(path(of: call))"
        return call.body == nil ? head : "\(head)\n\(String(decoding: shownBody(of: call).encoded, as: UTF8.self))"
    }

    /// What would be sent, for programs.
    static func json(of call: APICall, line: Int? = nil) -> String {
        var members: [(name: UntrustedText, value: JSONValue)] = [
            ("operation", .string(call.operation.name)), ("method", .string(call.operation.method.rawValue)),
            ("path", .string(path(of: call))),
        ]
        if let line { members.insert(("line", .integer(Int64(line))), at: 0) }
        if call.body != nil { members.append(("body", shownBody(of: call))) }
        return String(decoding: JSONObject(members).encoded, as: UTF8.self)
    }

    /// With its query.
    static func path(of call: APICall) -> String {
        call.request(apiURL: "", token: .empty, timeout: .seconds(1)).url
    }

    private static func shownBody(of call: APICall) -> JSONValue {
        guard let body = call.body else { return .null }
        return withoutSecrets(body.json)
    }

    /// Secrets of resources are listed under `secrets`; their names are no secrets.
    static func withoutSecrets(_ value: JSONValue, isSecret: Bool = false) -> JSONValue {
        switch value {
        case .array(let values): .array(values.map { withoutSecrets($0, isSecret: isSecret) })
        case .object(let object):
            .object(
                JSONObject(
                    object.members.map { name, value in
                        let hidden: [UntrustedText] = ["value", "development", "preview", "production"]
                        if isSecret, hidden.contains(name) { return (name, .string("(redacted)")) }
                        return (name, withoutSecrets(value, isSecret: isSecret || name == "secrets"))
                    }))
        default: value
        }
    }
}
