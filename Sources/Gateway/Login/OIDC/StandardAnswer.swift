import HTTP
import Marketplace
import SecretMemory
import Untrusted

/// The answer of the issuer's authorization endpoint (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207), with the marketplace's own
/// `v_deeplink`.
struct StandardAnswer: Sendable {
    enum Outcome: Sendable {
        case code(SecretBytes)
        /// A word of a closed set.
        case error(String)
    }

    let state: String
    let outcome: Outcome
    /// RFC 9207; nil where the answer does not have it.
    let issuer: UntrustedText?
    let deepLink: DeepLink
    /// Names the flow that began at `/sso/start`, where the marketplace passes it on.
    let flow: String?

    private static let parameters = LoginParameters.Names(
        [("state", 64), ("code", 4096), ("error", 256), ("iss", 512), ("v_deeplink", 4096)], passedOver: ["v_deeplink"])
    private static let deepLinkParameters = LoginParameters.Names(
        DeepLink.limits + [(LoginRequest.flowParameter, 64)],
        passedOver: DeepLink.names.union([LoginRequest.flowParameter]))

    init(_ query: SecretBytes?) throws(LoginParameters.Refusal) {
        let known = try LoginParameters(query, Self.parameters)
        state = try known.required("state").exposedText?.string ?? ""
        issuer = try known.optional("iss")?.exposedText
        if let error = known["error"] {
            outcome = .error(Self.word(error.exposedText))
        } else {
            outcome = .code(try known.required("code"))
        }
        let link = Self.deepLink(known["v_deeplink"])
        deepLink = link?.deepLink ?? DeepLink([:], tooLong: known.tooLong + (known["v_deeplink"] == nil ? 0 : 1))
        flow = link?.text(LoginRequest.flowParameter)
    }

    /// A query string in a parameter. Nil for one that cannot be read: a login must not fail because of its target.
    private static func deepLink(_ value: SecretBytes?) -> LoginParameters? {
        guard let value else { return nil }
        let start = !value.isEmpty && value[0] == UInt8(ascii: "?") ? 1 : 0
        return try? LoginParameters(value[start..<value.count], deepLinkParameters)
    }

    /// Why the answer is another issuer's, as a word; nil where it can be this one's. `mustNameIssuer`: the issuer's metadata
    /// promise it.
    func mixUp(issuer own: String, mustNameIssuer: Bool) -> String? {
        guard let issuer else { return mustNameIssuer ? "answer_without_iss" : nil }
        return issuer.equals(own) ? nil : "answer_of_other_iss"
    }

    /// RFC 6749 section 4.1.2.1, and OpenID Connect Core 1.0 section 3.1.2.6. All else is the same to us.
    private static func word(_ code: UntrustedText?) -> String {
        let known = [
            "invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope",
            "server_error", "temporarily_unavailable", "interaction_required", "login_required",
            "account_selection_required", "consent_required",
        ]
        return known.first { code?.equals($0) ?? false } ?? "other_error"
    }
}
