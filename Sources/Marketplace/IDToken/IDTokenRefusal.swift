package import JOSE

/// Why an id_token is not believed, in the order of the checks.
package enum IDTokenRefusal: Error, Sendable, Equatable {
    case malformed(JWSRefusal)
    case signature(SignatureRefusal)
    case claimsNotJSON
    case issuer(presented: String?)
    case audience(presented: String?, configured: String)
    case expired
    case notYetValid
    case issuedInFuture
    /// A time that is missing where it is required, or is not a whole number of seconds in range.
    case time(claim: String)
    /// `access_token`: the partner API's tokens have the same issuer, audience and key.
    case type(presented: String)
    /// Not `account:<hex>:user:<hex>`; system tokens end here.
    case subject
    /// Missing, empty, longer than 128 bytes or not plain ASCII.
    case identifier(claim: String)
    case role(presented: String?)
    /// A claim that is neither absent nor null nor a string.
    case claimType(claim: String)

    /// A stable word for logs and metrics.
    package var reason: String {
        switch self {
        case .malformed(let refusal): refusal.reason
        case .signature(let refusal): refusal.reason
        case .claimsNotJSON: "claims_not_json"
        case .issuer: "issuer"
        case .audience: "audience"
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
