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

    /// In bytes, also when encoded. Half of what `/sso/start` takes: anyone can make a browser keep five targets of each kind, and
    /// with all of them its requests must still fit.
    private static let maximumTarget = 512
    private static let parameters = LoginParameters.Names(
        [
            ("iss", 512), ("login_hint", 2048), ("target_link_uri", maximumTarget),
            (LoginRequest.flowParameter, 64),
        ], passedOver: ["target_link_uri"])

    init(_ query: SecretBytes?) throws(LoginParameters.Refusal) {
        let known = try LoginParameters(query, Self.parameters)
        issuer = try known.required("iss").exposedText?.string ?? ""
        loginHint = known.text("login_hint")
        let target = known.text("target_link_uri").map(RedirectPolicy.encoded)
        let fits = (target?.utf8.count ?? 0) <= Self.maximumTarget
        self.target = fits ? target : nil
        tooLong = known.tooLong + (fits ? 0 : 1)
        flow = known.text(LoginRequest.flowParameter)
    }
}
