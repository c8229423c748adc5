import JOSE
import Marketplace
import Untrusted

extension ExplainRefusal {
    /// The message for a refused claim, and a hint where its cause is.
    func claims(_ refusal: IDTokenRefusal, _ claims: JSONObject) -> (message: String, lookAt: String) {
        let allowed = "\(rules?.clockSkew ?? 0) are allowed"
        let issuer = rules?.issuer ?? ""
        switch refusal {
        case .malformed(let refusal): return ("\(refusal)", "The token.")
        case .signature(let refusal): return ("\(refusal)", "The key set.")
        case .claimsNotJSON: return ("The claims are not a JSON object.", "The second part of the token.")
        case .tokenKind(let presented):
            return (
                "typ in the token's header is \(presented.map(Self.quoted) ?? "not text"): this is another kind of token.",
                "typ, which is absent or JWT in an id_token; an access token (at+jwt) is no login."
            )
        case .issuer(let presented):
            return (
                presented.map {
                    "The token was issued by \(Self.quoted($0)), not by \(Self.quoted(UntrustedText(issuer)))."
                }
                    ?? "iss is missing, or not a string.",
                "iss, which must be the configured issuer byte for byte, a slash at the end included."
            )
        case .audience(let presented, let configured):
            return (
                presented.map {
                    "The token is for \(Self.quoted($0)), not for \(Self.quoted(UntrustedText(configured)))."
                }
                    ?? "aud is missing, or not one string.",
                "aud: a token of another integration, or the wrong client_id in the configuration."
            )
        case .nonce:
            return ("nonce is missing, or another login's.", "nonce, which must be that of the login's own request.")
        case .authorizedParty(let presented):
            return (
                "azp is \(presented.map(Self.quoted) ?? "not a string"), not the client.",
                "azp: a token that was issued to another client."
            )
        case .expired:
            return (
                "The token has expired: \(distance("exp", claims)) seconds ago; \(allowed).",
                "exp, and this machine's clock, which says \(now)."
            )
        case .notYetValid:
            return (
                "The token is not valid yet: \(distance("nbf", claims)) seconds early; \(allowed).",
                "nbf, and this machine's clock, which says \(now)."
            )
        case .issuedInFuture:
            return (
                "The token was issued \(distance("iat", claims)) seconds from now; \(allowed).",
                "iat, and this machine's clock, which says \(now)."
            )
        case .time(let claim):
            let isThere = claims[UntrustedText(claim)] != nil
            return (
                isThere ? "\(claim) is not a whole number of seconds since 1970 in range." : "\(claim) is missing.",
                "\(claim): an integer from 0 to 9007199254740991, without quotes, fraction or exponent."
            )
        case .type(let presented):
            return (
                "The token's type is \(Self.quoted(presented)), not id_token.",
                "type: an access token of the partner API has the same issuer, audience and key, and is no login."
            )
        case .subject:
            return (
                "sub is not of the form account:…:user:… with hexadecimal ids.",
                "sub: a token of the marketplace's own system names no user, and is no login."
            )
        case .identifier(let claim):
            return (
                "\(claim) is missing, empty, longer than \(MarketplaceIdentifier.maximumLength) bytes, or has other characters "
                    + "than letters, digits, _ and -.", "\(claim)."
            )
        case .role(let presented):
            return (
                presented.map { "The role is \(Self.quoted($0))." } ?? "user_role is missing.",
                "user_role, which must be ADMIN or USER."
            )
        case .claimType(let claim):
            return ("\(claim) is not a string.", "\(claim).")
        }
    }

    /// The distance of a time from now, for a message only.
    private func distance(_ name: UntrustedText, _ claims: JSONObject) -> String {
        guard case .integer(let time) = claims[name] else { return "?" }
        let (distance, overflow) = now.subtractingReportingOverflow(time)
        return overflow ? "far too many" : "\(distance.magnitude)"
    }
}
