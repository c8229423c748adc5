import HTTP
import SecretMemory
import Untrusted

/// The parameters of a callback, each at most once and within its size.
///
/// <https://vercel.com/docs/integrations/marketplace-flows#open-in-provider-button-flow>
struct LoginRequest: Sendable {
    /// Why the parameters are refused, in the order of the checks.
    enum Refusal: Error, Sendable, Equatable {
        case parameters(LoginParameters.Refusal)
        case mode
        /// The marketplace reports an error instead of handing over a code.
        case providerError

        /// A stable word for logs.
        var reason: String {
            switch self {
            case .parameters(let refusal): refusal.reason
            case .mode: "mode"
            case .providerError: "provider_error"
            }
        }
    }

    let code: SecretBytes
    let state: SecretBytes?
    /// Names the flow that began at `/sso/start`; nil for a login that began at the marketplace.
    let flow: String?
    let deepLink: DeepLink

    static let flowParameter = "sso_flow"
    private static let parameters = LoginParameters.Names(
        [("mode", 16), ("code", 4096), ("state", 8192), ("error", 256), (flowParameter, 64)] + DeepLink.limits,
        passedOver: DeepLink.names)

    init(_ query: SecretBytes?) throws(Refusal) {
        let known: LoginParameters
        do { known = try LoginParameters(query, Self.parameters) } catch { throw .parameters(error) }
        if let mode = known["mode"], mode.exposedText != "sso" { throw .mode }
        if known["code"] == nil, known["error"] != nil { throw .providerError }
        do {
            code = try known.required("code")
            state = try known.optional("state")
        } catch { throw .parameters(error) }
        flow = known.text(Self.flowParameter)
        deepLink = known.deepLink
    }

    var course: LoginCourse { LoginCourse(flow: flow, deepLink: deepLink) }
}
