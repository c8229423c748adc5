import HTTP
import SecretMemory

/// What the marketplace sent along with the browser, once each of its parameters is known to have one meaning.
///
/// <https://vercel.com/docs/integrations/marketplace-flows#open-in-provider-button-flow>
struct LoginRequest: Sendable {
    /// Why the parameters are refused, in the order of the checks.
    enum Refusal: Error, Sendable, Equatable {
        case query(FormParameters.Refusal)
        case doubled(String)
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
            case .doubled(let name): "doubled_\(name)"
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
    /// Names the login this browser began at `/sso/start`, if it did.
    let flow: String?
    let deepLink: DeepLink

    static let flowParameter = "sso_flow"
    /// Largest value of each parameter that is looked at. In bytes.
    private static let limits: [String: Int] = {
        var limits = ["mode": 16, "code": 4096, "state": 8192, "error": 256, flowParameter: 64]
        for name in DeepLink.identifierNames { limits[name] = 1024 }
        for name in DeepLink.otherNames { limits[name] = RedirectPolicy.maximumLength }
        return limits
    }()

    init(_ query: SecretBytes?) throws(Refusal) {
        let parameters: FormParameters
        do { parameters = try FormParameters(query) } catch { throw .query(error) }
        let known = try Self.known(in: parameters)
        if let mode = known["mode"], mode.exposedText != "sso" { throw .mode }
        if known["code"] == nil, known["error"] != nil { throw .providerError }
        guard let code = known["code"] else { throw .codeMissing }
        for name in ["code", "state"] where known[name]?.isEmpty == true { throw .empty(name) }
        self.code = code
        state = known["state"]
        flow = known[Self.flowParameter]?.exposedText
        var link: [String: String] = [:]
        for (name, value) in known where DeepLink.names.contains(name) { link[name] = value.exposedText }
        deepLink = DeepLink(link)
    }

    /// The parameters somebody will act on, each exactly once and within its size. Unknown ones are nobody's business.
    private static func known(in parameters: FormParameters) throws(Refusal) -> [String: SecretBytes] {
        var known: [String: SecretBytes] = [:]
        for (name, value) in parameters.pairs {
            guard let limit = limits[name] else { continue }
            guard known[name] == nil else { throw .doubled(name) }
            guard value.count <= limit else { throw .tooLong(name) }
            known[name] = value
        }
        return known
    }
}
