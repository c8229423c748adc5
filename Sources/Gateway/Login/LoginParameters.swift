import HTTP
import SecretMemory
import Untrusted

/// The known parameters of a query that takes part in a login, each at most once and within its size.
struct LoginParameters: Sendable {
    /// Why they are refused, in the order of the checks.
    enum Refusal: Error, Sendable, Equatable {
        case query(FormParameters.Refusal)
        case repeated(String)
        case tooLong(String)
        case missing(String)
        case empty(String)

        /// A stable word for logs.
        var reason: String {
            switch self {
            case .query(.tooMany): "too_many_parameters"
            case .query(.percentEncoding): "percent_encoding"
            case .query(.notUTF8): "not_utf8"
            case .query(.controlByte): "control_byte"
            case .repeated(let name): "doubled_\(name)"
            case .tooLong(let name): "too_long_\(name)"
            case .missing(let name): "\(name)_missing"
            case .empty(let name): "empty_\(name)"
            }
        }
    }

    /// The names that one kind of query may have, with the longest value of each in bytes.
    struct Names: Sendable {
        fileprivate let limits: [(name: String, bytes: Int)]
        fileprivate let keys: [UntrustedText]
        /// Where a value that is too long counts as absent: a login must not fail because of its target.
        fileprivate let passedOver: Set<String>

        init(_ limits: [(name: String, bytes: Int)], passedOver: Set<String>) {
            self.limits = limits
            keys = limits.map { UntrustedText($0.name) }
            self.passedOver = passedOver
        }
    }

    private var values: [String: SecretBytes] = [:]
    /// How many values were passed over.
    private(set) var tooLong = 0

    init(_ query: SecretBytes?, _ names: Names) throws(Refusal) {
        let fields: FormFields
        do { fields = try FormFields(query, only: names.keys) } catch {
            switch error {
            case .malformed(let refusal): throw .query(refusal)
            case .repeated(let name): throw .repeated(name)
            }
        }
        for (key, (name, limit)) in zip(names.keys, names.limits) {
            guard let value = fields[key] else { continue }
            if value.count <= limit {
                values[name] = value
            } else if names.passedOver.contains(name) {
                tooLong += 1
            } else {
                throw .tooLong(name)
            }
        }
    }

    subscript(name: String) -> SecretBytes? { values[name] }

    /// A value that is no secret.
    func text(_ name: String) -> String? { values[name]?.exposedText?.string }

    func required(_ name: String) throws(Refusal) -> SecretBytes {
        guard let value = try optional(name) else { throw .missing(name) }
        return value
    }

    /// Refuses an empty value.
    func optional(_ name: String) throws(Refusal) -> SecretBytes? {
        guard let value = values[name] else { return nil }
        if value.isEmpty { throw .empty(name) }
        return value
    }

    var deepLink: DeepLink {
        DeepLink(
            values.filter { DeepLink.names.contains($0.key) }.compactMapValues { $0.exposedText?.string },
            tooLong: tooLong)
    }
}
