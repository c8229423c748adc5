/// A fault of the stand-in. The raw value is its stable name, for scripts and documentation.
package enum StandInFault: String, Sendable, CaseIterable {
    case none

    // The token endpoint.
    case tokenSlow = "token_slow", token500 = "token_500", token429 = "token_429", token400 = "token_400"
    case token403 = "token_403", oauthErrorIn200 = "oauth_error_in_200", tokenGarbage = "token_garbage"
    case tokenRedirect = "token_redirect", tokenHuge = "token_huge", noIDToken = "no_id_token"
    case tokenEmpty = "token_empty", pkceIgnored = "pkce_ignored"

    // The authorization endpoint of standard logins.
    case authorizeDenied = "authorize_denied", authorizeError = "authorize_error"
    case authorizeUnknownError = "authorize_unknown_error", answerWithoutState = "answer_without_state"
    case answerOtherState = "answer_other_state", answerWithoutIssuer = "answer_without_iss"
    case answerOtherIssuer = "answer_other_iss", answerBadDeepLink = "answer_bad_deep_link"

    // Discovery.
    case discovery500 = "discovery_500", discoverySlow = "discovery_slow", discoveryGarbage = "discovery_garbage"
    case discoveryHuge = "discovery_huge", discoveryOtherIssuer = "discovery_other_iss"
    case discoveryPlainHTTP = "discovery_plain_http", discoveryNoSecret = "discovery_no_secret"

    // The keys.
    case jwks500 = "jwks_500", jwksSlow = "jwks_slow", jwksGarbage = "jwks_garbage", jwksEmpty = "jwks_empty"

    // The member look-up.
    case memberDemoted = "member_demoted", member401 = "member_401", member403 = "member_403", member404 = "member_404"
    case member410 = "member_410", member429 = "member_429", member500 = "member_500", memberSlow = "member_slow"
    case memberGarbage = "member_garbage", memberOther = "member_other", memberNone = "member_none"

    // The other operations of the API.
    case api401 = "api_401", api403 = "api_403", api409 = "api_409", api410 = "api_410", api429 = "api_429"
    case api500 = "api_500", apiSlow = "api_slow", apiGarbage = "api_garbage"

    // The id_token.
    case algNone = "alg_none", algHS256 = "alg_hs256", algRS512 = "alg_rs512", unknownKid = "unknown_kid"
    case noKid = "no_kid", retiredKid = "retired_kid", wrongIssuer = "wrong_issuer", issuerSlash = "issuer_slash"
    case foreignAudience = "foreign_audience", audienceArrayOne = "audience_array_one"
    case audienceArrayTwo = "audience_array_two", expired, expiredWithinSkew = "expired_within_skew"
    case notBeforeFuture = "not_before_future", issuedInFuture = "issued_in_future"
    case typeAccessToken = "type_access_token", systemToken = "system_token", noIssuer = "no_iss"
    case noAudience = "no_aud", noSubject = "no_sub", noAccount = "no_account_id"
    case noInstallation = "no_installation_id", noUser = "no_user_id", noRole = "no_user_role", noExpiry = "no_exp"
    case noIssuedAt = "no_iat", roleLowerCase = "role_lower_case", roleUnknown = "role_unknown"
    case badSubject = "bad_sub", parentClaims = "parent_claims", noEmail = "no_email"
    case nonASCIIName = "non_ascii_name", hugeToken = "huge_token", resourceToken = "resource_token"
    case signInToken = "sign_in_token", tamperedPayload = "tampered_payload"
    case tamperedSignature = "tampered_signature", noNonce = "no_nonce", otherNonce = "other_nonce"
    case otherParty = "other_azp"

    /// The endpoint with the fault.
    package enum Surface: String, Sendable, CaseIterable {
        case nowhere, tokenEndpoint = "token_endpoint", authorization, discovery, keys, members, api, token
    }

    /// `.token` where all endpoints work and the id_token has the fault.
    package var surface: Surface {
        switch self {
        case .none: .nowhere
        case .tokenSlow, .token500, .token429, .token400, .token403, .oauthErrorIn200, .tokenGarbage, .tokenRedirect,
            .tokenHuge, .noIDToken, .tokenEmpty, .pkceIgnored:
            .tokenEndpoint
        case .authorizeDenied, .authorizeError, .authorizeUnknownError, .answerWithoutState, .answerOtherState,
            .answerWithoutIssuer, .answerOtherIssuer, .answerBadDeepLink:
            .authorization
        case .discovery500, .discoverySlow, .discoveryGarbage, .discoveryHuge, .discoveryOtherIssuer,
            .discoveryPlainHTTP, .discoveryNoSecret:
            .discovery
        case .jwks500, .jwksSlow, .jwksGarbage, .jwksEmpty: .keys
        case .memberDemoted, .member401, .member403, .member404, .member410, .member429, .member500, .memberSlow,
            .memberGarbage, .memberOther, .memberNone:
            .members
        case .api401, .api403, .api409, .api410, .api429, .api500, .apiSlow, .apiGarbage: .api
        default: .token
        }
    }

    /// For tests: whether a correct partner still signs the member in with a pushed code.
    package var isHarmless: Bool {
        switch self {
        case .none, .memberDemoted, .member401, .member403, .member429, .member500, .memberSlow, .memberGarbage,
            .memberOther, .audienceArrayOne, .expiredWithinSkew, .parentClaims, .noEmail, .nonASCIIName:
            true
        // No login calls these.
        case .api401, .api403, .api409, .api410, .api429, .api500, .apiSlow, .apiGarbage: true
        default: isOfStandardLogins
        }
    }

    /// Whether the fault concerns no pushed code.
    package var isOfStandardLogins: Bool {
        switch self {
        case .pkceIgnored, .noNonce, .otherNonce, .otherParty: true
        default: surface == .authorization || surface == .discovery
        }
    }
}
