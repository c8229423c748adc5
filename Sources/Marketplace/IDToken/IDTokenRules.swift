package import JOSE
import SecretMemory
import Untrusted

/// The rules for the claims of an id_token with a valid signature. Pure: the time is a parameter.
package struct IDTokenRules: Sendable {
    package let issuer: String
    /// The integration's client id, `oac_…`.
    package let audience: String
    /// Leeway for every time claim. In seconds, 0 to 300.
    package let clockSkew: Int64
    /// The issuer's allowed algorithms.
    package let algorithms: Set<SignatureAlgorithm>

    /// Accepted values of `clockSkew`.
    package static let clockSkews: ClosedRange<Int64> = 0...300

    package init(
        issuer: String, audience: String, clockSkew: Int64 = 60, algorithms: Set<SignatureAlgorithm> = [.rs256]
    ) {
        precondition(Self.clockSkews.contains(clockSkew) && !algorithms.isEmpty)
        self.issuer = issuer
        self.audience = audience
        self.clockSkew = clockSkew
        self.algorithms = algorithms
    }

    /// What binds a token to the login that it is for.
    package enum Binding: Sendable {
        case none
        /// A standard login's own nonce.
        case nonce(String)
        /// A token with a nonce belongs to a standard login, and must not be used in a login without one.
        case noNonce
    }

    /// Checks a signed token: its kind, its JSON and its claims.
    package func check(_ signed: VerifiedJWS, _ binding: Binding = .none, now: Int64) throws(IDTokenRefusal) -> IDToken
    {
        let claims = try Self.claims(of: signed)
        switch binding {
        case .none: break
        case .nonce(let nonce): try checkRequest(claims, nonce: nonce)
        case .noNonce:
            switch claims["nonce"] {
            case nil, .null: break
            default: throw .nonce
            }
        }
        return try check(claims, now: now)
    }

    /// The token belongs to this browser's own request (OpenID Connect Core 1.0 section 3.1.3.7, points 5 and 11). The issuer
    /// and the audience come first, so that a token of another issuer is reported as such.
    private func checkRequest(_ claims: JSONObject, nonce: String) throws(IDTokenRefusal) {
        try checkParties(claims)
        switch claims["azp"] {
        case nil, .null: break
        case let party?: guard party.isText(audience) else { throw .authorizedParty(presented: party.text) }
        }
        guard claims["nonce"]?.isText(nonce) ?? false else { throw .nonce }
    }

    /// An issuer signs access tokens, logout tokens and others with the same key; `typ` separates them (RFC 8725 section 3.11).
    /// An id_token has none, or `JWT` (RFC 7519 section 5.1).
    private static func claims(of signed: VerifiedJWS) throws(IDTokenRefusal) -> JSONObject {
        if let presented = signed.header["typ"] {
            let type = presented.text?.lowercasedASCII
            guard type == "jwt" || type == "application/jwt" else { throw .tokenKind(presented: presented.text) }
        }
        do { return try JSONObject(parsing: signed.payload) } catch { throw .claimsNotJSON }
    }

    /// Checks the claims in the order of the marketplace's own rules. `now` is in seconds since 1970.
    func check(_ claims: JSONObject, now: Int64) throws(IDTokenRefusal) -> IDToken {
        try checkParties(claims)
        let expiresAt = try checkTimes(claims, now: now)
        if let type = try optionalText(claims, "type"), type != "id_token" { throw .type(presented: type) }
        guard let subject = try optionalText(claims, "sub"), MemberSubject.matches(subject) else { throw .subject }
        let account = try identifier(claims, "account_id")
        let installation = try identifier(claims, "installation_id")
        let user = try identifier(claims, "user_id")
        let presentedRole = try optionalText(claims, "user_role")
        guard let role = presentedRole.flatMap({ MemberRole($0) }) else { throw .role(presented: presentedRole) }
        return IDToken(
            accountID: account, installationID: installation, userID: user, role: role,
            email: try optionalText(claims, "user_email")?.string, name: try optionalText(claims, "user_name")?.string,
            avatarURL: try optionalText(claims, "user_avatar_url")?.string, expiresAt: expiresAt)
    }

    /// Checks a token of a call of the marketplace: for a member, or for the account only.
    package func check(_ signed: VerifiedJWS, as kind: CallToken.Kind, now: Int64) throws(IDTokenRefusal) -> CallToken {
        let claims = try Self.claims(of: signed)
        switch kind {
        case .user: return .user(try check(claims, now: now))
        case .system: return try checkSystem(claims, now: now)
        }
    }

    private func checkSystem(_ claims: JSONObject, now: Int64) throws(IDTokenRefusal) -> CallToken {
        try checkParties(claims)
        _ = try checkTimes(claims, now: now)
        if let type = try optionalText(claims, "type"), type != "id_token" { throw .type(presented: type) }
        // A member's token must not count as the marketplace's own.
        if let subject = try optionalText(claims, "sub") {
            guard MemberSubject.isAccount(subject) else { throw .subject }
        }
        guard claims["user_id"] == nil, claims["user_role"] == nil else { throw .subject }
        return .system(
            accountID: try optionalIdentifier(claims, "account_id"),
            installationID: try optionalIdentifier(claims, "installation_id"))
    }

    private func optionalIdentifier(_ claims: JSONObject, _ name: UntrustedText) throws(IDTokenRefusal) -> String? {
        switch claims[name] {
        case nil, .null: nil
        default: try identifier(claims, name)
        }
    }

    private func checkParties(_ claims: JSONObject) throws(IDTokenRefusal) {
        guard case .string(let presented)? = claims["iss"] else { throw .issuer(presented: nil) }
        guard presented.equals(issuer) else { throw .issuer(presented: presented) }
        // An array of exactly one element means the same as the string.
        var presentedAudience = claims["aud"]
        if case .array(let several)? = presentedAudience { presentedAudience = several.count == 1 ? several[0] : nil }
        guard presentedAudience?.isText(audience) ?? false else {
            throw .audience(presented: presentedAudience?.text, configured: audience)
        }
    }

    private func checkTimes(_ claims: JSONObject, now: Int64) throws(IDTokenRefusal) -> Int64 {
        guard let expiresAt = try time(claims, "exp") else { throw .time(claim: "exp") }
        guard now < expiresAt.addingSaturated(clockSkew) else { throw .expired }
        if let notBefore = try time(claims, "nbf"), notBefore > now.addingSaturated(clockSkew) { throw .notYetValid }
        guard let issuedAt = try time(claims, "iat") else { throw .time(claim: "iat") }
        guard issuedAt <= now.addingSaturated(clockSkew) else { throw .issuedInFuture }
        return expiresAt
    }

    /// A whole number of seconds from 0 to 2⁵³ − 1, the range in which all JSON readers agree (RFC 8259 section 6).
    private func time(_ claims: JSONObject, _ name: UntrustedText) throws(IDTokenRefusal) -> Int64? {
        switch claims[name] {
        case nil: return nil
        case .integer(let seconds) where (0..<(1 << 53)).contains(seconds): return seconds
        default: throw .time(claim: name.string)
        }
    }

    private func optionalText(_ claims: JSONObject, _ name: UntrustedText) throws(IDTokenRefusal) -> UntrustedText? {
        switch claims[name] {
        case nil, .null: return nil
        case .string(let text): return text
        default: throw .claimType(claim: name.string)
        }
    }

    private func identifier(_ claims: JSONObject, _ name: UntrustedText) throws(IDTokenRefusal) -> String {
        guard let id = try optionalText(claims, name).flatMap(MarketplaceIdentifier.read) else {
            throw .identifier(claim: name.string)
        }
        return id
    }
}

extension Int64 {
    /// For received times: an overflow would end the process.
    package func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
