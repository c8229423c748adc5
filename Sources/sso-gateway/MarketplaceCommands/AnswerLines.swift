import JOSE
import Untrusted

/// An answer as aligned lines: names and values, and a table for each list of objects.
enum AnswerLines {
    static func lines(of value: JSONValue, _ terminal: Terminal) -> [String] {
        guard case .object(let object) = value else { return ["  " + text(value)] }
        let parts = flattened(object, "")
        let rows = parts.compactMap { name, value in isTable(value) ? nil : (name, text(value)) }
        var lines = rows.isEmpty ? [] : Columns.rows(rows).split(separator: "\n").map(String.init)
        for (name, value) in parts {
            guard case .array(let values) = value, isTable(value) else { continue }
            lines.append("  " + terminal.bold(name))
            lines += table(values, terminal).map { "    " + $0 }
        }
        return lines
    }

    /// Objects inside objects as `contact.email`.
    private static func flattened(_ object: JSONObject, _ prefix: String) -> [(String, JSONValue)] {
        object.members.flatMap { name, value -> [(String, JSONValue)] in
            let name = prefix + name.string.visible
            guard case .object(let inner) = value, !inner.members.isEmpty else { return [(name, value)] }
            return flattened(inner, name + ".")
        }
    }

    private static func isTable(_ value: JSONValue) -> Bool {
        guard case .array(let values) = value, !values.isEmpty else { return false }
        return values.allSatisfy { if case .object = $0 { true } else { false } }
    }

    private static func table(_ values: [JSONValue], _ terminal: Terminal) -> [String] {
        let rows = values.map { value -> [(String, JSONValue)] in
            if case .object(let object) = value { flattened(object, "") } else { [] }
        }
        var columns: [String] = []
        for row in rows { columns += row.map(\.0).filter { !columns.contains($0) } }
        let cells = rows.map { row in columns.map { name in row.first { $0.0 == name }.map { text($0.1) } ?? "-" } }
        return Columns.table(columns, cells, terminal)
    }

    /// On one line, whatever others chose for a name.
    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .bool(let isSo): isSo ? "yes" : "no"
        case .string(let text): text.string.visible
        case .array(let values) where values.isEmpty: "none"
        case .array(let values) where values.allSatisfy({ $0.text != nil }): values.map(text).joined(separator: ", ")
        default: String(decoding: value.encoded, as: UTF8.self)
        }
    }
}
