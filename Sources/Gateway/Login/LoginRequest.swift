import HTTP
import SecretMemory
import Untrusted

/// The parameters of a callback, each at most once and within its size.
///
/// <https://vercel.com/docs/integrations/marketplace-flows#open-in-provider-button-flow>
struct LoginRequest: Sendable {
    /// Why the parameters are refused, in the order of the checks.
    enum Refusal: Error, Sendable, Equatable {
        case query(FormParameters.Refusal)
        case repeated(String)
        case tooLong(String)
        case mode
        /// The marketplace reports an error instead of handing over a code.
        case providerError
        case codeMissing
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
            case .mode: "mode"
            case .providerError: "provider_error"
            case .codeMissing: "code_missing"
            case .empty(let name): "empty_\(name)"
            }
        }
    }

    let code: SecretBytes
    let state: SecretBytes?
    /// Names the flow that began at `/sso/start`; nil for a login that began at the marketplace.
    let flow: String?
    let deepLink: DeepLink

    static let flowParameter = "sso_flow"
    /// The longest value of each known parameter. In bytes.
    private static let limits: [(name: String, bytes: Int)] =
        [("mode", 16), ("code", 4096), ("state", 8192), ("error", 256), (flowParameter, 64)]
        + DeepLink.identifierNames.map { ($0, 1024) } + DeepLink.otherNames.map { ($0, RedirectPolicy.maximumLength) }
    private static let names = limits.map { UntrustedText($0.name) }

    init(_ query: SecretBytes?) throws(Refusal) {
        let (known, tooLong) = try Self.known(in: query)
        if let mode = known["mode"], mode.exposedText != "sso" { throw .mode }
        guard let code = known["code"] else { throw known["error"] == nil ? .codeMissing : .providerError }
        state = known["state"]
        if code.isEmpty { throw .empty("code") }
        if state?.isEmpty == true { throw .empty("state") }
        self.code = code
        flow = known[Self.flowParameter]?.exposedText?.string
        let link = known.filter { DeepLink.names.contains($0.key) }.compactMapValues { $0.exposedText?.string }
        deepLink = DeepLink(link, tooLong: tooLong)
    }

    /// The known parameters, and how many values of the deep link were too long: a login must not fail because of its target.
    private static func known(in query: SecretBytes?) throws(Refusal) -> (known: [String: SecretBytes], tooLong: Int) {
        let fields: FormFields
        do { fields = try FormFields(query, only: names) } catch {
            switch error {
            case .malformed(let refusal): throw .query(refusal)
            case .repeated(let name): throw .repeated(name)
            }
        }
        var known: [String: SecretBytes] = [:]
        var tooLong = 0
        for (key, (name, limit)) in zip(names, limits) {
            guard let value = fields[key] else { continue }
            if value.count <= limit {
                known[name] = value
            } else if DeepLink.names.contains(name) {
                tooLong += 1
            } else {
                throw .tooLong(name)
            }
        }
        return (known, tooLong)
    }
}
