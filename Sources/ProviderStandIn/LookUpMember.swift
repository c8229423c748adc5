import HTTP
import JOSE
import Locking
import Untrusted

/// Look-ups of members and accounts, with a token of the installation.
extension ProviderStandIn {
    /// `GET /v1/installations/{installation}/member/{member}`
    func lookUp(_ member: String, _ installationID: String, _ request: HTTPRequest) -> HTTPAnswer {
        // Whoever sees the counter grow knows that a later change of the role is not in this answer.
        let (fault, changed) = state.withLock { state in
            state.counters.memberLookups += 1
            return (state.strike([.members]), state.roles[.init(installationID, member)])
        }
        if let spoiled = spoiledLookUp(fault) { return .now(spoiled) }
        let installation: StandInSettings.Installation
        switch authorized(installationID, request) {
        case .failure(let refusal): return .now(refusal.response)
        case .success(let found): installation = found
        }
        guard let found = installation.members.first(where: { $0.userID == member }), changed != "NONE" else {
            return .now(StandInReply.error(.notFound, "not_found", "No such member."))
        }
        let role =
            switch fault {
            case .memberDemoted: "USER"
            case .memberNone: "NONE"
            default: changed ?? found.role
            }
        var body: [(name: UntrustedText, value: JSONValue)] = [
            ("id", .string(fault == .memberOther ? "00000000" : found.userID)), ("role", .string(role)),
        ]
        if let global = found.globalUserID {
            body.append(("globalUserId", .string(global)))
            if let email = found.email { body.append(("userEmail", .string(email))) }
        }
        return answer(StandInReply.json(.ok, JSONObject(body)), slowly: fault == .memberSlow)
    }

    /// `GET /v1/installations/{installation}/account`. Faults of a member alone have no effect.
    func account(_ installationID: String, _ request: HTTPRequest) -> HTTPAnswer {
        let fault = state.withLock { state in
            state.counters.accountLookups += 1
            let isMembersAlone = [.memberDemoted, .memberOther, .memberNone].contains(state.fault)
            return isMembersAlone ? .none : state.strike([.members])
        }
        if let spoiled = spoiledLookUp(fault) { return .now(spoiled) }
        switch authorized(installationID, request) {
        case .failure(let refusal): return .now(refusal.response)
        case .success(let installation):
            let contact: JSONObject = [
                "email": .string("contact@analytical.example"), "name": .string("Charles Babbage"),
            ]
            let body: JSONObject = [
                "name": .string(installation.accountName), "contact": .object(contact),
                "url": .string(baseURL(request) + "/"),
            ]
            return answer(StandInReply.json(.ok, body), slowly: fault == .memberSlow)
        }
    }

    private func spoiledLookUp(_ fault: StandInFault) -> HTTPResponse? {
        switch fault {
        case .member401: StandInReply.error(.unauthorized, "forbidden", "The token is not valid.")
        case .member403:
            StandInReply.error(.forbidden, "integration_configuration_disabled", "The installation is disabled.")
        case .member404: StandInReply.error(.notFound, "not_found", "No such member.")
        case .member410: StandInReply.error(.gone, "gone", "The installation is gone.")
        case .member429: StandInReply.rateLimited(seconds: 1, now: now())
        case .member500: StandInReply.error(.internalServerError, "internal_server_error", "Something broke.")
        case .memberGarbage: StandInReply.garbage
        default: nil
        }
    }

    /// The installation, if the request has one of its live tokens.
    func authorized(_ id: String, _ request: HTTPRequest) -> Result<StandInSettings.Installation, Refusal> {
        guard let installation = settings.integrations.flatMap(\.installations).first(where: { $0.id == id }) else {
            return .failure(Refusal(.notFound, "not_found", "No such installation."))
        }
        guard state.withLock({ $0.markets[id]?.deletion }) != .done else {
            return .failure(Refusal(.gone, "gone", "The installation is gone."))
        }
        let bearer = request.headers[.authorization] ?? ""
        guard liveTokens(of: id).contains(where: { bearer == "Bearer \($0.text)" }) else {
            return .failure(Refusal(.unauthorized, "forbidden", "The token is not valid."))
        }
        return .success(installation)
    }
}
