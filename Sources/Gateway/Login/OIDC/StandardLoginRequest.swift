import HTTP
import SecretMemory
import Untrusted

/// The parameters with which a standard login is initiated (OpenID Connect Core 1.0 section 4). Anyone can send them.
struct StandardLoginRequest: Sendable {
    let issuer: String
    /// Opaque; passed on unchanged.
    let loginHint: String?
    /// Not checked yet; nil for none.
    let target: String?
    /// How many values were passed over because they were too long.
    let tooLong: Int
    /// Names the flow that began at `/sso/start`, where the marketplace passes it on.
    let flow: String?

    private static let parameters = LoginParameters.Names(
        [
            ("iss", 512), ("login_hint", 2048), ("target_link_uri", SignInAddress.maximumReturnTo),
            (LoginRequest.flowParameter, 64),
        ], passedOver: ["target_link_uri"])

    init(_ query: SecretBytes?) throws(LoginParameters.Refusal) {
        let known = try LoginParameters(query, Self.parameters)
        issuer = try known.required("iss").exposedText?.string ?? ""
        loginHint = known.text("login_hint")
        target = known.text("target_link_uri").map(RedirectPolicy.encoded)
        tooLong = known.tooLong
        flow = known.text(LoginRequest.flowParameter)
    }
}
