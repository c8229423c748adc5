package import SecretMemory

/// The token endpoint's tokens for a refresh token. Its lifetime, and whether the old one stays valid, are not documented:
/// keep the newest.
package struct RefreshedTokens: Sendable {
    package let idToken: UnverifiedIDToken
    package let refreshToken: SecretBytes
    /// Its use is not documented.
    package let accessToken: SecretBytes?
    /// Of the access token, in seconds; nil where the response has no positive number.
    package let expiresIn: Int64?
}
