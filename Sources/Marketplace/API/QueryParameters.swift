import HTTP
import JOSE
package import SecretMemory
import Untrusted

/// A documented parameter of a query.
package enum QueryParameter: String, Sendable, CaseIterable {
    case source, teamId, slug
}

/// The parameters of a query, all of them known and each there once.
package struct QueryParameters: Sendable, Equatable {
    private var pairs: [QueryParameter: String] = [:]

    package init() {}

    /// Reads a raw query. A fault's path begins with `?`.
    package init(_ raw: SecretBytes?, allowing allowed: [QueryParameter]) throws(FieldError) {
        let form: FormParameters
        do { form = try FormParameters(raw) } catch { throw FieldError("?", .rule("must be a well-formed query")) }
        for pair in form.pairs {
            let path = "?" + JSONValue.member(pair.name, of: "")
            guard let name = QueryParameter(pair.name), allowed.contains(name) else {
                throw FieldError(path, .unknown)
            }
            guard pairs[name] == nil else { throw FieldError(path, .duplicate) }
            guard let value = pair.value.exposedText.flatMap(MarketplaceIdentifier.read) else {
                throw FieldError(path, .rule("must be an identifier"))
            }
            pairs[name] = value
        }
    }

    package subscript(parameter: QueryParameter) -> String? { pairs[parameter] }

    /// `value` must be an identifier.
    package mutating func set(_ parameter: QueryParameter, _ value: String) throws(FieldError) {
        guard let value = MarketplaceIdentifier.read(UntrustedText(value)) else {
            throw FieldError("?\(parameter.rawValue)", .rule("must be an identifier"))
        }
        pairs[parameter] = value
    }

    /// With its question mark; empty for none.
    var encoded: String {
        let texts = QueryParameter.allCases.compactMap { name in pairs[name].map { "\(name.rawValue)=\($0)" } }
        return texts.isEmpty ? "" : "?" + texts.joined(separator: "&")
    }
}
