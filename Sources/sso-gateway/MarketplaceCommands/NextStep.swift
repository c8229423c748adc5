import HTTP
import Marketplace

/// What to do about a call that failed.
enum NextStep {
    /// Codes of the broker for a call that it did not send and that may be sent again after a while.
    static let waits: Set = ["rate", "client_rate", "busy", "store", "overloaded"]

    static func after(_ answer: CallAnswer, _ call: APICall) -> String {
        answer.isBrokers ? broker(answer, call) : marketplace(answer, call)
    }

    static func after(_ error: HTTPClientError, _ call: APICall) -> String {
        if error == .urlRefused { return "The broker's address is http:// on this machine, https://, or unix:/path." }
        guard error.requestWasNeverWritten else { return again(call) }
        return "Nothing was sent. Is the gateway running, and is this its broker.listen?"
    }

    private static func again(_ call: APICall) -> String {
        call.isRepeatable || call.operation == .submitBillingData || call.operation == .submitPrepaymentBalances
            ? "Send it again: the marketplace acts on it once."
            : "It may have taken effect. Look before you send it again."
    }

    private static func broker(_ answer: CallAnswer, _ call: APICall) -> String {
        switch answer.code {
        case "client_token":
            "Compare the token's SHA-256 with token_sha256 of the client in the gateway's configuration."
        case "guesses": "Correct --token-file, then wait as long as Retry-After says."
        case "operation": "Add \(call.operation.name) to the client's operations and reload the gateway."
        case "rate", "client_rate": "Wait as long as Retry-After says, or raise the broker's rate."
        case "integration":
            answer.status == 403
                ? "Add the integration to the client's integrations and reload the gateway."
                : "Name the integration with --integration."
        case "no_token": "Put the installation's token in with `sso-gateway installations put`."
        case "removed": "The installation is removed: nothing can be sent for it."
        case "no_credential":
            "This gateway has no credential for this operation: add it under credits and reload the gateway."
        case _ where waits.contains(answer.code): "Send it again when Retry-After is over."
        case _ where isNotSent(answer): "Nothing was sent. Send it again when the marketplace can be reached."
        case "unreachable", "timed_out", "stopping", "answer_too_large", "redirect", "content_coding",
            "token_in_answer":
            again(call)
        default:
            answer.status == 422 ? "Correct the field and send it again." : "See the gateway's log for this request."
        }
    }

    private static func marketplace(_ answer: CallAnswer, _ call: APICall) -> String {
        switch answer.status {
        case 400, 422: "Correct what the message names and send it again."
        case 401:
            "The marketplace does not accept the installation's token: send it again, or put a new one in with `sso-gateway installations put`."
        case 402: "The payment failed: check the team's payment method."
        case 403:
            answer.code == "integration_configuration_disabled"
                ? "The installation is disabled at the marketplace: only the customer can enable it."
                : "The installation's token may not do this."
        case 404: "Check the ids: the marketplace does not know one of them."
        case 409: "It exists already, or its state does not allow this. Look at it before you change anything."
        case 410: "The installation is gone: nothing can be sent for it."
        case 426: "The organization needs a larger plan."
        case 429: "Wait as long as Retry-After says and send it again."
        case 500...599: again(call)
        default: "See the gateway's log for this request."
        }
    }

    /// Whether the broker says that the marketplace has not got the call.
    static func isNotSent(_ answer: CallAnswer) -> Bool { answer.message.hasSuffix("The call was not sent.") }
}
