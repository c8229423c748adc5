import HTTP
import JOSE
import OpenSSLCrypto
package import SecretMemory

/// The request that a browser takes to an issuer's authorization endpoint (OpenID Connect Core 1.0 section 3.1.2.1), always with
/// a code challenge (RFC 7636).
package struct AuthorizationRequest: Sendable {
    package let clientID: String
    package let redirectURI: String
    package let state: String
    package let nonce: String
    package let verifier: CodeVerifier
    /// Unchanged from the party that initiated the login.
    package let loginHint: String?

    package init(
        clientID: String, redirectURI: String, state: String, nonce: String, verifier: CodeVerifier, loginHint: String?
    ) {
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.state = state
        self.nonce = nonce
        self.verifier = verifier
        self.loginHint = loginHint
    }

    /// The endpoint may have a query of its own (RFC 6749 section 3.1).
    package func url(at endpoint: String) -> String {
        var parameters = [
            ("response_type", "code"), ("client_id", clientID), ("redirect_uri", redirectURI), ("scope", "openid"),
            ("state", state), ("nonce", nonce), ("code_challenge", verifier.challenge),
            ("code_challenge_method", "S256"),
        ]
        if let loginHint { parameters.append(("login_hint", loginHint)) }
        let query = parameters.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        return endpoint + (endpoint.contains("?") ? "&" : "?") + query
    }
}

/// The secret of one authorization request: only its owner can exchange the code (RFC 7636 section 4).
package struct CodeVerifier: Sendable {
    /// 43 characters.
    package let text: SecretBytes

    /// `bytes`: 32 random ones.
    package init(_ bytes: [UInt8]) {
        precondition(bytes.count == 32)
        text = Base64URL.encode(SecretBytes(bytes))
    }

    var challenge: String { Base64URL.encode(SHA256.hash(text)) }
}
