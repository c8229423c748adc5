import HTTP
import JOSE
import Marketplace
import Untrusted

/// `POST` of the webhook address: checks the signature, reads the content and stores it, in this order. After a 200 the
/// decisions of this process respect the webhook; gateways that share the store do so within a second.
struct ReceiveWebhook: Sendable {
    /// Labels of the webhook counter.
    enum Outcome: String, Sendable, CaseIterable {
        case applied, repeated, ignored, malformed
        case wrongSignature = "wrong_signature"
        case notStored = "not_stored"
    }

    /// The marketplace retries for a day. In seconds.
    static let retention: Int64 = 2 * 86_400
    private let integration: IntegrationSettings
    private let signature: WebhookSignature
    private let access: LiveStore
    private let lifetimes: SessionLifetimes
    private let proxies: TrustedProxies
    private let log: EventLog
    private let outcomes: LabelledCounter

    init(
        _ integration: IntegrationSettings, access: LiveStore, lifetimes: SessionLifetimes,
        proxies: TrustedProxies, _ observability: Observability
    ) {
        self.integration = integration
        signature = WebhookSignature(integration)
        self.access = access
        self.lifetimes = lifetimes
        self.proxies = proxies
        log = observability.log
        outcomes = observability.metrics.counter(
            "webhooks_total", "Webhooks by outcome.", label: "outcome", values: Outcome.allCases.map(\.rawValue))
    }

    var route: Route { Route(.exactly(integration.webhookPath), [.post], answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        guard signature.isGenuine(context.request) else {
            return .now(
                refused(.wrongSignature, .forbidden, "The signature is not one of this integration's.", context))
        }
        do throws(Webhook.Refusal) {
            let webhook = try Webhook(context.request.body)
            return .later { await receive(webhook, context) }
        } catch {
            return .now(
                refused(
                    .malformed, .badRequest, "The webhook cannot be understood: \(error.rawValue).", context, error))
        }
    }

    private func receive(_ webhook: Webhook, _ context: RequestContext) async -> HTTPResponse {
        let now = context.now
        let seen = SeenWebhook(integration: integration.name, id: webhook.id, until: now + Self.retention)
        let isNew: Bool
        do throws(StoreError) {
            isNew = try await access.receive(seen, writing: try await writes(webhook, now: now)) != nil
        } catch {
            return refused(.notStored, .serviceUnavailable, "It could not be stored. Send it again.", context)
        }
        let outcome: Outcome = !isNew ? .repeated : webhook.effect == .none ? .ignored : .applied
        outcomes.count(outcome.rawValue)
        log.record(
            .webhookReceived, context.id,
            [
                "type": webhook.type, "effect": outcome.rawValue, "webhook": webhook.id,
                "integration": integration.name, "installation": webhook.effect.installationID ?? "",
                "user": webhook.effect.userID ?? "",
            ])
        return JSONReply.ok(["received": .bool(true)])
    }

    /// `createdAt` orders webhooks: a late one, or one that is repeated after its id was deleted, must not change what is
    /// newer. It is limited by our clock, so that a clock that is far ahead does not make all later webhooks old.
    private func writes(_ webhook: Webhook, now: Int64) async throws(StoreError) -> [StoreWrite] {
        // The marketplace's clock may be behind ours.
        let upTo = min(now, webhook.createdAt / 1000 + LiveStore.skew)
        func revoked(_ scope: Revocation.Scope, isFinal: Bool = false) async throws(StoreError) -> StoreWrite {
            .revocation(
                upTo < now && !isFinal
                    ? try await access.lateRevocation(of: scope, upTo: upTo, now: now, lifetimes: lifetimes)
                    : try await access.revocations(of: [scope], now: now, lifetimes: lifetimes)[0])
        }
        switch webhook.effect {
        case .none: return []
        case .memberChanged(let user, let installation, let role):
            let member = MemberKey(integration: integration.name, installationID: installation, userID: user)
            // A higher role gets no time that it may not have: a look-up since then is newer.
            let checkedAt = role == .admin ? min(now, webhook.createdAt / 1000) : upTo
            let state = MemberState(
                member: member, role: role, checkedAt: checkedAt,
                changedAt: min(webhook.createdAt, (now + LiveStore.skew) * 1000))
            return [.member(state)] + (role == nil ? [try await revoked(.member(member))] : [])
        case .installationRemoved(let id):
            return [
                .installation(key(id)) { stored in
                    // Whatever its time is: ids are never used again.
                    var installation = stored ?? Installation(key: key(id), changedAt: webhook.createdAt)
                    installation.become(.removed, at: webhook.createdAt)
                    return installation
                }, try await revoked(.installation(key(id)), isFinal: true),
            ]
        case .installationTransferred(let id, let account):
            return [
                .installation(key(id)) { stored in
                    guard var installation = stored, installation.changedAt <= webhook.createdAt else { return nil }
                    installation.accountID = account ?? ""
                    installation.accountName = nil
                    installation.accountURL = nil
                    installation.changedAt = webhook.createdAt
                    return installation
                }, try await revoked(.installation(key(id))),
            ]
        }
    }

    private func key(_ installation: String) -> InstallationKey {
        InstallationKey(integration: integration.name, installationID: installation)
    }

    private func refused(
        _ outcome: Outcome, _ status: HTTPStatus, _ message: String, _ context: RequestContext,
        _ refusal: Webhook.Refusal? = nil
    ) -> HTTPResponse {
        outcomes.count(outcome.rawValue)
        log.record(
            .webhookRefused, context.id,
            [
                "reason": refusal?.rawValue ?? outcome.rawValue, "integration": integration.name,
                "client": ClientAddress.of(context.request, behind: proxies).description,
            ])
        return JSONReply.error(status, outcome.rawValue, message, context.id)
    }
}

extension Webhook.Effect {
    var installationID: String? {
        switch self {
        case .memberChanged(_, let id, _), .installationRemoved(let id), .installationTransferred(let id, _): id
        case .none: nil
        }
    }

    var userID: String? { if case .memberChanged(let id, _, _) = self { id } else { nil } }
}
