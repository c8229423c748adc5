import JOSE
import OpenSSLCrypto
import SecretMemory

/// Makes id_tokens: good ones, and every bad one that a verifier has to turn away.
struct MintToken {
    let settings: StandInSettings
    let integration: StandInSettings.Integration
    let installation: StandInSettings.Installation
    let member: StandInSettings.Member
    let keys: [StandInState.SigningKey]
    let retired: StandInState.SigningKey
    let now: Int64

    func token(_ fault: StandInFault) -> String {
        let claims = JSONObject(self.claims(fault)).encoded
        let key = fault == .retiredKid ? retired : keys[0]
        var header: [(name: String, value: JSONValue)] = [("alg", .string("RS256")), ("typ", .string("JWT"))]
        if fault != .noKid { header.append(("kid", .string(fault == .unknownKid ? "nobody-knows-me" : key.id))) }
        switch fault {
        case .algNone: return compact([("alg", .string("none"))], claims) { _ in [] }
        case .algHS256:
            // The oldest trick: the public key's text as a shared secret.
            header[0].value = .string("HS256")
            return compact(header, claims) { HMACSHA256(SecretBytes(key.key.publicPEM)).code(for: $0) }
        case .algRS512: header[0].value = .string("RS512")
        default: break
        }
        let token = compact(header, claims) { key.key.sign($0) }
        switch fault {
        case .tamperedPayload:
            let parts = token.split(separator: ".")
            let other = JSONObject(
                self.claims(.none).map { $0.name == "user_role" ? ($0.name, .string("ADMIN")) : $0 } + [("x", .null)])
            return "\(parts[0]).\(Base64URL.encode(other.encoded)).\(parts[2])"
        case .tamperedSignature:
            return String(token.dropLast(8)) + "AAAAAAAA"
        default: return token
        }
    }

    private func compact(
        _ header: [(name: String, value: JSONValue)], _ claims: [UInt8], _ sign: ([UInt8]) -> [UInt8]
    ) -> String {
        let signed = "\(Base64URL.encode(JSONObject(header).encoded)).\(Base64URL.encode(claims))"
        return "\(signed).\(Base64URL.encode(sign(Array(signed.utf8))))"
    }

    private func claims(_ fault: StandInFault) -> [(name: String, value: JSONValue)] {
        var claims: [(name: String, value: JSONValue)] = [
            ("iss", .string(issuer(fault))), ("aud", audience(fault)), ("sub", .string(subject(fault))),
            ("account_id", .string(installation.accountID)), ("installation_id", .string(installation.id)),
            ("user_id", .string(member.userID)), ("user_role", .string(role(fault))),
            ("user_name", .string(fault == .nonASCIIName ? "Zoë 山田 — \u{1f680}" : member.name)),
            ("exp", .integer(expiry(fault))), ("iat", .integer(fault == .issuedInFuture ? now + 3600 : now)),
        ]
        if let email = member.email, fault != .noEmail { claims.append(("user_email", .string(email))) }
        if let avatar = member.avatarURL { claims.append(("user_avatar_url", .string(avatar))) }
        switch fault {
        case .notBeforeFuture: claims.append(("nbf", .integer(now + 3600)))
        case .typeAccessToken: claims.append(("type", .string("access_token")))
        case .parentClaims:
            claims += [("parent_account_id", .string("feed")), ("parent_installation_id", .null)]
        case .hugeToken: claims.append(("padding", .string(String(repeating: "x", count: 20 * 1024))))
        default: break
        }
        let dropped = Self.dropped[fault] ?? []
        return claims.filter { !dropped.contains($0.name) }
    }

    private static let dropped: [StandInFault: Set<String>] = [
        .noSubject: ["sub"], .noAccount: ["account_id"], .noInstallation: ["installation_id"], .noUser: ["user_id"],
        .noRole: ["user_role"], .noExpiry: ["exp"],
        .systemToken: ["user_id", "user_role", "user_name", "user_email", "user_avatar_url"],
        .signInToken: ["account_id", "installation_id", "user_id", "user_role"],
        .resourceToken: ["account_id", "installation_id", "user_id", "user_role", "user_name", "user_email"],
    ]

    private func issuer(_ fault: StandInFault) -> String {
        switch fault {
        case .wrongIssuer: "https://elsewhere.example"
        case .issuerSlash: settings.issuer + "/"
        case .signInToken: "https://vercel.com"
        case .resourceToken: "https://integrations.vercel.com/\(integration.clientID)"
        default: settings.issuer
        }
    }

    private func audience(_ fault: StandInFault) -> JSONValue {
        switch fault {
        case .foreignAudience: .string("oac_SomebodyElse")
        case .audienceArrayOne: .array([.string(integration.clientID)])
        case .audienceArrayTwo: .array([.string(integration.clientID), .string("oac_SomebodyElse")])
        case .resourceToken: .string(installation.id)
        default: .string(integration.clientID)
        }
    }

    private func subject(_ fault: StandInFault) -> String {
        switch fault {
        case .systemToken: "account:\(installation.accountID)"
        case .badSubject: "user:\(member.userID)"
        case .resourceToken: "prj_0123456789"
        case .signInToken: "usr_0123456789"
        default: "account:\(installation.accountID):user:\(member.userID)"
        }
    }

    private func role(_ fault: StandInFault) -> String {
        switch fault {
        case .roleLowerCase: member.role.lowercased()
        case .roleUnknown: "OWNER"
        default: member.role
        }
    }

    private func expiry(_ fault: StandInFault) -> Int64 {
        switch fault {
        case .expired: now - 61
        case .expiredWithinSkew: now - 1
        default: now + settings.tokenLifetime
        }
    }
}
