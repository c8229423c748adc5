import HTTP
import JOSE
import Marketplace
import Untrusted

/// Responses, each with its log line and its count.
extension AnswerInstallationCall {
    struct Note: Sendable {
        let call: InstallationCall
        let key: InstallationKey
        let user: String
        let id: RequestID
    }

    func finish(_ outcome: Outcome, _ status: HTTPStatus, _ note: Note, reason: String = "") {
        outcomes.count(outcome.rawValue)
        log.record(
            .installationCalled, note.id,
            [
                "method": note.call.method.rawValue, "outcome": outcome.rawValue, "status": "\(status.rawValue)",
                "reason": reason, "integration": note.key.integration, "installation": note.key.installationID,
                "user": note.user,
            ])
    }

    func failed(
        _ outcome: Outcome, _ status: HTTPStatus, _ code: String, _ message: String, _ note: Note, reason: String = ""
    ) -> HTTPResponse {
        finish(outcome, status, note, reason: reason)
        return JSONReply.error(status, code, message, note.id)
    }

    func notStored(_ note: Note) -> HTTPResponse {
        failed(
            .notStored, .serviceUnavailable, "not_stored", "It could not be stored. Send it again.", note)
    }

    func hookUnavailable(_ reason: String, _ note: Note) -> HTTPResponse {
        failed(
            .hookUnavailable, .serviceUnavailable, "hook_unavailable",
            "The provider cannot take this just now. Nothing has changed; send it again.", note, reason: reason)
    }

    /// The hook's own error where it has the documented shape.
    func rejected(_ status: HTTPStatus, _ body: JSONObject?, _ note: Note) -> HTTPResponse {
        finish(.rejected, status, note)
        if case .object(let error)? = body?["error"], error["code"]?.text != nil, let body {
            return JSONReply.ok(body, status)
        }
        return JSONReply.error(status, "rejected", "The provider does not accept this.", note.id)
    }

    func unauthenticated(_ failure: AuthenticateCall.Failure, _ call: InstallationCall, _ context: RequestContext)
        -> HTTPResponse
    {
        switch failure {
        case .keysUnavailable(let reason):
            return refused(
                .keysUnavailable, .serviceUnavailable, "The marketplace's keys cannot be fetched.", reason, context)
        case .refused(let reason):
            return refused(.refused, .forbidden, "The token does not permit this.", reason, context)
        }
    }

    func malformed(_ refusal: InstallationCall.Refusal, _ context: RequestContext) -> HTTPResponse {
        switch refusal {
        case .token: refused(.refused, .forbidden, "The token is missing or cannot be read.", refusal.rawValue, context)
        case .actorForMethod:
            refused(
                .refused, .forbidden, "X-Vercel-Auth and this method do not go together.", refusal.rawValue, context)
        case .actor, .idempotency, .body:
            refused(
                .malformed, .badRequest, "The call cannot be understood: \(refusal.rawValue).", refusal.rawValue,
                context)
        }
    }

    func refused(
        _ outcome: Outcome, _ status: HTTPStatus, _ message: String, _ reason: String,
        _ context: RequestContext
    ) -> HTTPResponse {
        outcomes.count(outcome.rawValue)
        let client = ClientAddress.of(context.request, behind: proxies)
        log.record(.installationCallRefused, context.id, ["reason": reason, "client": client.description])
        let code = outcome == .refused ? "forbidden" : outcome == .malformed ? "bad_request" : outcome.rawValue
        return JSONReply.error(status, code, message, context.id)
    }
}
