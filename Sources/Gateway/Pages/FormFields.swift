import HTTP
import SecretMemory
import Untrusted

/// The parameters of a query or of a form, each at most once. Readers differ in which of two equal names they take, so a
/// repeated one is refused.
struct FormFields: Sendable {
    enum Refusal: Error, Sendable, Equatable {
        case malformed(FormParameters.Refusal)
        case repeated(name: String)
    }

    /// A form has few fields, and looking through them costs less than a dictionary.
    private var fields: [(name: UntrustedText, value: SecretBytes)] = []

    /// `known`: parameters with other names are ignored, also repeated ones; nil where each name counts.
    init(_ raw: SecretBytes?, only known: [UntrustedText]? = nil) throws(Refusal) {
        let parameters: FormParameters
        do { parameters = try FormParameters(raw) } catch { throw .malformed(error) }
        for pair in parameters.pairs where known?.contains(pair.name) ?? true {
            guard self[pair.name] == nil else { throw .repeated(name: pair.name.string) }
            fields.append(pair)
        }
    }

    var names: [UntrustedText] { fields.map(\.name) }

    subscript(name: UntrustedText) -> SecretBytes? { fields.first { $0.name == name }?.value }

    /// A value that is no secret.
    func text(_ name: UntrustedText) -> String? { self[name]?.exposedText?.string }
}
