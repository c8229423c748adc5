package import SecretMemory

/// What the token endpoint gives for a refresh token. How long a refresh token lives, and whether the old one stays good,
/// is not documented: the newest is to be kept.
package struct RefreshedTokens: Sendable {
    package let idToken: UnverifiedIDToken
    package let refreshToken: SecretBytes
    /// What it is good for is not documented.
    package let accessToken: SecretBytes?
    /// Of the access token, in seconds; nil where the answer does not say, or says something that is no positive number.
    package let expiresIn: Int64?
}
