import HTTP
import JOSE
import Marketplace
import Untrusted

/// `PUT GET PATCH DELETE /v1/installations/{id}`: the marketplace's calls when an account installs the integration, and
/// reads, changes or deletes the installation. In this order: headers, the marketplace's token, the body, the partner's
/// hook, the store, the answer. A step that fails stores nothing.
struct AnswerInstallationCall: Sendable {
    /// Labels of the counter, in the order of the steps.
    enum Outcome: String, Sendable, CaseIterable {
        case malformed, refused
        case keysUnavailable = "keys_unavailable"
        case conflict, rejected
        case hookUnavailable = "hook_unavailable"
        case notStored = "not_stored"
        case stored, repeated, answered
    }

    private let authenticate: AuthenticateCall
    /// By the integration's name.
    private let hooks: [String: InstallationHook]
    private let store: KeepInstallation
    let log: EventLog
    let outcomes: LabelledCounter
    private let clock: Clock
    let proxies: TrustedProxies

    init(
        authenticate: AuthenticateCall, hooks: [String: InstallationHook], store: KeepInstallation,
        proxies: TrustedProxies, _ observability: Observability
    ) {
        self.authenticate = authenticate
        self.hooks = hooks
        self.store = store
        self.proxies = proxies
        log = observability.log
        clock = observability.clock
        outcomes = observability.metrics.counter(
            "installation_calls_total", "The marketplace's calls about installations by outcome.", label: "outcome",
            values: Outcome.allCases.map(\.rawValue))
    }

    var route: Route { Route(.below(InstallationCall.prefix), InstallationCall.methods, answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let (request, id) = (context.request, context.id)
        guard let installationID = InstallationCall.installationID(of: request.target) else {
            return .now(JSONReply.error(.notFound, "not_found", "There is nothing at this address.", id))
        }
        guard InstallationCall.methods.contains(request.method) else {
            return .now(Route.otherMethod(than: InstallationCall.methods, id))
        }
        do throws(InstallationCall.Refusal) {
            let call = try InstallationCall(request, installationID: installationID)
            return .later { await answer(call, context) }
        } catch {
            return .now(malformed(error, context))
        }
    }

    private func answer(_ call: InstallationCall, _ context: RequestContext) async -> HTTPResponse {
        let id = context.id
        let integration: Integration
        let token: CallToken
        do { (integration, token) = try await authenticate.caller(of: call) } catch {
            return unauthenticated(error, call, context)
        }
        let content: InstallationCall.Content
        do { content = try call.content() } catch { return malformed(error, context) }
        let key = InstallationKey(integration: integration.name, installationID: call.installationID)
        let note = Note(call: call, key: key, user: token.userID, id: id)
        let known: Installation?
        do { known = try await store.access.installation(key) } catch { return notStored(note) }
        if let conflict = conflict(known, note) { return conflict }
        var response = Self.ownAnswer(call, known)
        if let hook = hooks[integration.name] {
            let answer = await hook.relay(
                call, content, from: token, to: integration.name, id, now: clock.unixSeconds())
            switch answer {
            case .unavailable(let reason): return hookUnavailable(reason, note)
            case .answered(let status, let body) where status.rawValue >= 400: return rejected(status, body, note)
            case .answered(let status, let body): response = (status, body)
            }
        }
        do {
            let isFinal = call.method == .delete && response.body?["finalized"] == .bool(true)
            let isNew = try await store.keep(call, content, from: token, of: key, isFinal: isFinal)
            let isRead = call.method == .get || call.method == .patch
            finish(isRead ? .answered : isNew ? .stored : .repeated, response.status, note)
        } catch {
            return notStored(note)
        }
        return response.body.map { JSONReply.ok($0, response.status) }
            ?? JSONReply.nothing(response.status)
    }

    /// The answer where the partner has no hook.
    private static func ownAnswer(_ call: InstallationCall, _ known: Installation?) -> (
        status: HTTPStatus, body: JSONObject?
    ) {
        call.method == .get ? (.ok, [:]) : (.noContent, nil)
    }

    private func conflict(_ known: Installation?, _ note: Note) -> HTTPResponse? {
        switch note.call.method {
        case .put where known?.status == .removed, .patch where known?.status == .removed:
            return failed(.conflict, .conflict, "conflict", "This installation was removed for good.", note)
        case .patch where hooks[note.key.integration] == nil:
            return failed(.conflict, .conflict, "not_supported", "There are no plans of whole installations.", note)
        case .get where hooks[note.key.integration] == nil && (known == nil || known?.status == .removed):
            return failed(.conflict, .notFound, "not_found", "No such installation.", note)
        default: return nil
        }
    }
}

extension CallToken {
    var userID: String { if case .user(let member) = self { member.userID } else { "" } }
}
