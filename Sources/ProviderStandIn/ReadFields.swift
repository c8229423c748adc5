import HTTP
import JOSE
import SecretMemory
import Untrusted

/// The string fields of a JSON or form body.
enum ReadFields {
    /// Nil for another type of body, for one that is not well-formed, and for a field that is neither text nor null or
    /// comes twice. Null counts as absent.
    static func read(_ request: HTTPRequest) -> [String: String]? {
        let type = (request.headers[.contentType] ?? "").string.prefix { $0 != ";" && $0 != " " }.lowercased()
        var fields: [String: String] = [:]
        switch type {
        case "application/json":
            guard let body = try? JSONObject(parsing: request.body) else { return nil }
            for member in body.members where member.value != .null {
                guard let text = member.value.text else { return nil }
                fields[member.name.string] = text.string
            }
        case "application/x-www-form-urlencoded": return form(request.body)
        default: return nil
        }
        return fields
    }

    /// Of a query, or of a form.
    static func form(_ raw: SecretBytes?) -> [String: String]? {
        guard let form = try? FormParameters(raw) else { return nil }
        var fields: [String: String] = [:]
        for pair in form.pairs {
            guard fields[pair.name.string] == nil else { return nil }
            fields[pair.name.string] = pair.value.exposedText?.string
        }
        return fields
    }
}
