package import JOSE
package import Untrusted

/// Why an id_token is refused, in the order of the checks.
package enum IDTokenRefusal: Error, Sendable, Equatable {
    case malformed(JWSRefusal)
    case signature(SignatureRefusal)
    /// `typ` names another kind of token, or is not text.
    case tokenKind(presented: UntrustedText?)
    case claimsNotJSON
    case issuer(presented: UntrustedText?)
    case audience(presented: UntrustedText?, configured: String)
    /// Of a standard login: missing, or another login's.
    case nonce
    /// Of a standard login: `azp` names another client.
    case authorizedParty(presented: UntrustedText?)
    case expired
    case notYetValid
    case issuedInFuture
    /// A time that is missing where it is required, or is not a whole number of seconds in range.
    case time(claim: String)
    /// `access_token`: the partner API's tokens have the same issuer, audience and key.
    case type(presented: UntrustedText)
    /// Not `account:<hex>:user:<hex>`, as in a system token.
    case subject
    /// Missing, or not a `MarketplaceIdentifier`.
    case identifier(claim: String)
    case role(presented: UntrustedText?)
    /// A claim that is neither absent nor null nor a string.
    case claimType(claim: String)

    /// A stable word for logs and metrics.
    package var reason: String {
        switch self {
        case .malformed(let refusal): refusal.reason
        case .signature(let refusal): refusal.reason
        case .tokenKind: "typ"
        case .claimsNotJSON: "claims_not_json"
        case .issuer: "issuer"
        case .audience: "audience"
        case .nonce: "nonce"
        case .authorizedParty: "authorized_party"
        case .expired: "expired"
        case .notYetValid: "not_yet_valid"
        case .issuedInFuture: "issued_in_future"
        case .time(let claim): "time_\(claim)"
        case .type: "type"
        case .subject: "subject"
        case .identifier(let claim): "missing_\(claim)"
        case .role: "role"
        case .claimType(let claim): "claim_type_\(claim)"
        }
    }
}
