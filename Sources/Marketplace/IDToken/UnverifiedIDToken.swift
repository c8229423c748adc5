import JOSE
package import SecretMemory

/// What the token endpoint handed over as `id_token`, of which nothing is believed yet. Only `IDTokenVerifier` turns
/// it into an `IDToken`.
package struct UnverifiedIDToken: Sendable {
    let jws: UnverifiedJWS

    /// Reads the compact serialisation: three parts, at most 16 KiB, a strict header.
    package init(_ compact: SecretBytes) throws(IDTokenRefusal) {
        do { jws = try UnverifiedJWS(compact) } catch { throw .malformed(error) }
    }
}
