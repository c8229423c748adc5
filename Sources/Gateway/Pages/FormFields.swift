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

    private var fields: [UntrustedText: SecretBytes] = [:]

    /// `known`: parameters with other names are ignored, also repeated ones; nil where each name counts.
    init(_ raw: SecretBytes?, only known: Set<UntrustedText>? = nil) throws(Refusal) {
        let parameters: FormParameters
        do { parameters = try FormParameters(raw) } catch { throw .malformed(error) }
        for (name, value) in parameters.pairs where known?.contains(name) ?? true {
            guard fields.updateValue(value, forKey: name) == nil else { throw .repeated(name: name.string) }
        }
    }

    var names: some Collection<UntrustedText> { fields.keys }

    subscript(name: UntrustedText) -> SecretBytes? { fields[name] }

    /// A value that is no secret.
    func text(_ name: UntrustedText) -> String? { fields[name]?.exposedText?.string }
}
