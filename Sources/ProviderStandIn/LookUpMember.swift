import HTTP
import JOSE
import Synchronization

/// Members and accounts, for the bearer of the installation's token.
extension ProviderStandIn {
    private static let faults = Set(StandInFault.allCases.filter { $0.rawValue.hasPrefix("member") })

    func lookUp(_ member: String, _ installationID: String, _ request: HTTPRequest) -> HTTPAnswer {
        let fault = state.withLock { state in
            state.counters.memberLookups += 1
            return state.strike(Self.faults)
        }
        switch fault {
        case .member401: return .now(StandInReply.error(.unauthorized, "forbidden", "Not authorized."))
        case .member403:
            return .now(
                StandInReply.error(.forbidden, "integration_configuration_disabled", "The installation is disabled."))
        case .member404: return .now(StandInReply.error(.notFound, "not_found", "No such member."))
        case .member410: return .now(StandInReply.error(.gone, "gone", "The installation is gone."))
        case .member429:
            return .now(
                StandInReply.error(.tooManyRequests, "rate_limited", "Slow down.", headers: ["Retry-After": "1"]))
        case .member500: return .now(StandInReply.error(.internalServerError, "internal_server_error", "Oops."))
        case .memberGarbage: return .now(StandInReply.garbage)
        default: break
        }
        let installation: StandInSettings.Installation
        switch authorized(installationID, request) {
        case .failure(let refusal): return .now(refusal.response)
        case .success(let found): installation = found
        }
        guard let found = installation.members.first(where: { $0.userID == member }) else {
            return .now(StandInReply.error(.notFound, "not_found", "No such member."))
        }
        var role = found.role
        if fault == .memberDemoted { role = "USER" }
        if fault == .memberNone { role = "NONE" }
        let body: JSONObject = [
            "id": .string(fault == .memberOther ? "00000000" : found.userID), "role": .string(role),
        ]
        return answer(StandInReply.json(.ok, body), slowly: fault == .memberSlow)
    }

    func account(_ installationID: String, _ request: HTTPRequest) -> HTTPResponse {
        state.withLock { $0.counters.accountLookups += 1 }
        switch authorized(installationID, request) {
        case .failure(let refusal): return refusal.response
        case .success(let installation):
            let contact: JSONObject = [
                "email": .string("contact@analytical.example"), "name": .string("Charles Babbage"),
            ]
            return StandInReply.json(
                .ok,
                [
                    "name": .string(installation.accountName), "contact": .object(contact),
                    "url": .string("https://vercel.com/~/integrations/\(installation.id)"),
                ])
        }
    }

    struct Unauthorized: Error {
        let response: HTTPResponse
    }

    private func authorized(_ id: String, _ request: HTTPRequest) -> Result<StandInSettings.Installation, Unauthorized>
    {
        let installation = settings.integrations.flatMap(\.installations).first { $0.id == id }
        guard let installation else {
            return .failure(Unauthorized(response: StandInReply.error(.notFound, "not_found", "No such installation.")))
        }
        guard request.headers["Authorization"] == "Bearer \(installation.accessToken)" else {
            return .failure(Unauthorized(response: StandInReply.error(.unauthorized, "forbidden", "Not authorized.")))
        }
        return .success(installation)
    }
}
