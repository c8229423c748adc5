import HTTP
import JOSE
import Untrusted

/// How an attempt to reload the configuration ended.
package enum ReloadOutcome: Sendable, Equatable {
    /// What changed, one line each, secrets redacted.
    case reloaded(changes: [String])
    /// Nothing changed. What is wrong, one line each.
    case refused(problems: [String])
}

/// `POST /admin/reload`: does what SIGHUP does, and answers how it went: 200 with `changes`, or 422 with `problems`.
struct ReloadConfiguration: Sendable {
    /// Nil where the process was not started from a file.
    let reload: @Sendable () async -> ReloadOutcome?

    var route: Route { Route(.exactly("/admin/reload"), [.post]) { context in .later { await answer(context.id) } } }

    private func answer(_ id: RequestID) async -> HTTPResponse {
        switch await reload() {
        case .reloaded(let changes)?: JSONReply.ok(["changes": Self.list(changes)])
        case .refused(let problems)?:
            JSONReply.ok(
                [
                    "error": .object([
                        "code": .string("configuration_refused"),
                        "message": .string("The new configuration has a problem. The running one stays."),
                    ]),
                    "problems": Self.list(problems), "request_id": .string(id.description),
                ], HTTPStatus(rawValue: 422))
        case nil:
            JSONReply.error(.notImplemented, "no_file", "This gateway was not started from a configuration file.", id)
        }
    }

    private static func list(_ lines: [String]) -> JSONValue { .array(lines.map { .string($0) }) }
}
