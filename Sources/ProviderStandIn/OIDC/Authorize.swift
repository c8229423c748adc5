import HTTP
import Locking
import Untrusted

/// `GET /oauth/authorize` (OpenID Connect Core 1.0 section 3.1.2, RFC 7636, RFC 9207). The person is signed in and agrees.
extension ProviderStandIn {
    func authorize(_ request: HTTPRequest) -> HTTPResponse {
        guard let parameters = ReadFields.form(request.target.query),
            let integration = settings.integrations.first(where: { $0.clientID == parameters["client_id"] }),
            let redirect = integration.oidcLoginURL.map({ $0 + "/callback" }), redirect == parameters["redirect_uri"]
        else {
            // Nobody is redirected to an address that is not registered.
            return StandInReply.error(.badRequest, "bad_request", "client_id or redirect_uri is not registered.")
        }
        let fault = state.withLock { $0.strike([.authorization]) }
        let answer = spoiled(fault, parameters) ?? judge(parameters, integration, redirect)
        return StandInReply.redirect("\(redirect)?\(Self.query(sealing(answer, parameters, fault)))")
    }

    private typealias Pairs = [(name: String, value: String)]

    private func judge(
        _ parameters: [String: String], _ integration: StandInSettings.Integration, _ redirect: String
    ) -> Pairs {
        guard parameters["response_type"] == "code" else { return [("error", "unsupported_response_type")] }
        guard (parameters["scope"] ?? "").split(separator: " ").contains("openid") else {
            return [("error", "invalid_scope")]
        }
        guard let challenge = parameters["code_challenge"], (43...128).contains(challenge.utf8.count),
            parameters["code_challenge_method"] == "S256"
        else { return [("error", "invalid_request"), ("error_description", "PKCE with S256 is required.")] }
        guard let click = click(parameters["login_hint"], integration) else { return [("error", "access_denied")] }
        let code = randomText(24)
        let authorization = StandInState.Authorization(
            challenge: challenge, redirectURI: redirect, nonce: parameters["nonce"])
        state.withLock { state in
            state.codes[code] = .init(
                grant: click.grant, state: "", expires: now() + settings.codeLifetime, authorization: authorization)
            state.counters.codes += 1
        }
        return [("code", code)] + (click.deepLink.isEmpty ? [] : [("v_deeplink", click.deepLink)])
    }

    /// Without a hint, the first member.
    private func click(_ hint: String?, _ integration: StandInSettings.Integration) -> StandInState.Click? {
        if let hint {
            let known = state.withLock { $0.clicks[hint] }
            guard let known, known.grant.clientID == integration.clientID, now() < known.expires else { return nil }
            return known
        }
        guard let installation = integration.installations.first, let member = installation.members.first else {
            return nil
        }
        let grant = StandInState.Grant(
            clientID: integration.clientID, installationID: installation.id, userID: member.userID)
        return .init(grant: grant, deepLink: "", expires: now())
    }

    private func spoiled(_ fault: StandInFault, _ parameters: [String: String]) -> Pairs? {
        switch fault {
        case .authorizeDenied:
            [("error", "access_denied"), ("error_description", "<script>alert(1)</script> cancelled")]
        case .authorizeError: [("error", "server_error")]
        case .authorizeUnknownError: [("error", "<b>new</b>")]
        default: nil
        }
    }

    /// Adds the state and the issuer.
    private func sealing(_ answer: Pairs, _ parameters: [String: String], _ fault: StandInFault) -> Pairs {
        var answer = answer
        switch fault {
        case .answerWithoutState: break
        case .answerOtherState: answer.append(("state", randomText(16)))
        default: if let state = parameters["state"] { answer.append(("state", state)) }
        }
        switch fault {
        case .answerWithoutIssuer: break
        case .answerOtherIssuer: answer.append(("iss", "https://elsewhere.example"))
        default: answer.append(("iss", settings.issuer))
        }
        if fault == .answerBadDeepLink {
            answer.removeAll { $0.name == "v_deeplink" }
            answer.append(("v_deeplink", "resource_id=%zz&url=https://evil.example/"))
        }
        return answer
    }

    private static func query(_ pairs: Pairs) -> String {
        pairs.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }
}
