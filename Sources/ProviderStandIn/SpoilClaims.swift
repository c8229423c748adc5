import JOSE
import Untrusted

/// Claims that a verifier has to refuse or to tolerate.
struct SpoilClaims {
    let mint: MintToken

    private typealias Claims = [(name: UntrustedText, value: JSONValue)]

    func claims(_ fault: StandInFault) -> [(name: UntrustedText, value: JSONValue)] {
        let account = mint.installation.accountID
        switch fault {
        case .resourceToken: return resourceToken
        case .signInToken: return signInToken
        case .systemToken:
            return changing("sub", .string("account:\(account)")).filter { !$0.name.hasPrefix("user_") }
        default: break
        }
        if let name = Self.missing[fault] { return mint.claims.filter { $0.name != name } }
        if let (name, value) = changed(fault) { return changing(name, value) }
        return mint.claims + added(fault)
    }

    private static let missing: [StandInFault: UntrustedText] = [
        .noIssuer: "iss", .noAudience: "aud", .noSubject: "sub", .noAccount: "account_id",
        .noInstallation: "installation_id", .noUser: "user_id", .noRole: "user_role", .noExpiry: "exp",
        .noIssuedAt: "iat", .noEmail: "user_email", .noNonce: "nonce",
    ]

    private func changed(_ fault: StandInFault) -> (name: UntrustedText, value: JSONValue)? {
        let (own, other) = (JSONValue.string(mint.integration.clientID), JSONValue.string("oac_SomebodyElse"))
        switch fault {
        case .wrongIssuer: return ("iss", .string("https://elsewhere.example"))
        case .issuerSlash: return ("iss", .string(mint.settings.issuer + "/"))
        case .foreignAudience: return ("aud", other)
        case .audienceArrayOne: return ("aud", .array([own]))
        case .audienceArrayTwo: return ("aud", .array([own, other]))
        case .expired: return ("exp", .integer(mint.now - 61))
        case .expiredWithinSkew: return ("exp", .integer(mint.now - 1))
        case .issuedInFuture: return ("iat", .integer(mint.now + 3600))
        case .typeAccessToken: return ("type", .string("access_token"))
        case .roleLowerCase: return ("user_role", .string(mint.member.role.lowercased()))
        case .roleUnknown: return ("user_role", .string("OWNER"))
        case .badSubject: return ("sub", .string("user:\(mint.member.userID)"))
        case .otherNonce: return ("nonce", .string("another-login"))
        case .nonASCIIName: return ("user_name", .string("Zoë 山田 — \u{1f680}"))
        default: return nil
        }
    }

    private func added(_ fault: StandInFault) -> Claims {
        switch fault {
        case .otherParty: [("azp", .string("oac_SomebodyElse"))]
        case .notBeforeFuture: [("nbf", .integer(mint.now + 3600))]
        case .parentClaims: [("parent_account_id", .string("feed")), ("parent_installation_id", .null)]
        case .hugeToken: [("padding", .string(String(repeating: "x", count: 20 * 1024)))]
        default: []
        }
    }

    /// With an `iat` before an expired `exp`.
    private func changing(_ name: UntrustedText, _ value: JSONValue) -> Claims {
        mint.claims.map { claim in
            if claim.name == name { return (name, value) }
            if claim.name == "iat", name == "exp" { return ("iat", .integer(mint.now - mint.settings.tokenLifetime)) }
            return claim
        }
    }

    /// The identity of a deployment, not of a member.
    private var resourceToken: Claims {
        let deployment: JSONObject = ["sub": .string("dpl_0123456789")]
        return [
            ("iss", .string("https://integrations.vercel.com/\(mint.integration.clientID)")),
            ("aud", .string(mint.installation.id)), ("sub", .string("prj_0123456789")),
            ("resource", .string(mint.installation.resources.first?.id ?? "res_0123456789")),
            ("act", .object(deployment)), ("iat", .integer(mint.now)), ("exp", .integer(mint.now + 300)),
        ]
    }

    /// The general login with an account of the marketplace's operator: no installation in it.
    private var signInToken: Claims {
        [
            ("iss", .string("https://vercel.com")), ("aud", .string("cl_0123456789")),
            ("sub", .string("usr_0123456789")), ("name", .string(mint.member.name)),
            ("email", .string(mint.member.email ?? "somebody@example.test")), ("nonce", .string("0123456789")),
            ("iat", .integer(mint.now)), ("nbf", .integer(mint.now)), ("exp", .integer(mint.now + 3600)),
        ]
    }
}
