import HTTP
import SecretMemory
import Untrusted

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
    private static let limits: [(name: String, bytes: Int)] =
        [("mode", 16), ("code", 4096), ("state", 8192), ("error", 256), (flowParameter, 64)]
        + DeepLink.identifierNames.map { ($0, 1024) } + DeepLink.otherNames.map { ($0, RedirectPolicy.maximumLength) }

    init(_ query: SecretBytes?) throws(Refusal) {
        let parameters: FormParameters
        do { parameters = try FormParameters(query) } catch { throw .query(error) }
        let (known, tooLong) = try Self.known(in: parameters)
        func value(_ name: String) -> SecretBytes? { known.first { $0.name == name }?.value }
        if let mode = value("mode"), mode.exposedText != "sso" { throw .mode }
        guard let code = value("code") else { throw value("error") == nil ? .codeMissing : .providerError }
        state = value("state")
        if code.isEmpty { throw .empty("code") }
        if state?.isEmpty == true { throw .empty("state") }
        self.code = code
        flow = value(Self.flowParameter)?.exposedText?.string
        var link: [String: String] = [:]
        for (name, value) in known where DeepLink.names.contains(name) { link[name] = value.exposedText?.string }
        deepLink = DeepLink(link, tooLong: tooLong)
    }

    /// The parameters that mean something, each exactly once and within its size, and how many values of the deep link
    /// were too long: a login does not fail for where it leads. Unknown ones are passed over.
    private static func known(in parameters: FormParameters) throws(Refusal)
        -> (known: [(name: String, value: SecretBytes)], tooLong: Int)
    {
        var known: [(name: String, value: SecretBytes)] = []
        var tooLong: [String] = []
        for pair in parameters.pairs {
            guard let (name, limit) = limits.first(where: { pair.name.equals($0.name) }) else { continue }
            guard !known.contains(where: { $0.name == name }), !tooLong.contains(name) else { throw .doubled(name) }
            if pair.value.count <= limit {
                known.append((name, pair.value))
            } else if DeepLink.names.contains(name) {
                tooLong.append(name)
            } else {
                throw .tooLong(name)
            }
        }
        return (known, tooLong.count)
    }
}
