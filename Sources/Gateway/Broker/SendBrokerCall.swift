import HTTP
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// Making a call that is admitted: of which integration it is, the token, the answer.
extension Broker {
    /// Whether a call is worked on, also for a broker whose place this one took.
    package var isWorking: Bool { limits.underWay.isWorking }

    static let integrationHeader = "X-SSO-Integration"
    /// Later than this no second try begins, in nanoseconds.
    private static let longestFirstTry: UInt64 = 8_000_000_000

    func perform(_ admitted: Admitted, _ context: RequestContext, _ report: BrokerReport) async -> HTTPResponse {
        var report = report
        do throws(BrokerRefusal) {
            switch admitted.credential {
            case .installation(let installation):
                let integration = try await integration(of: installation, admitted, context.request)
                report.integration = integration.name
                let key = InstallationKey(integration: integration.name, installationID: installation)
                try begin(key, admitted.client)
                defer { limits.underWay.end(key, client: admitted.client.name) }
                let answer = try await send(admitted.call, key, integration.api, report.began)
                return finish(answered: try Self.unlessGone(answer), report)
            case .credits(let account):
                // No integration may have this name.
                let key = InstallationKey(integration: "", installationID: account.name)
                try begin(key, admitted.client)
                defer { limits.underWay.end(key, client: admitted.client.name) }
                let answer = try await send(admitted.call, account.token, account.api)
                let forwarded = try BrokerAnswer.forward(answer, hiding: [account.token])
                return finish(answered: try Self.unlessGone(forwarded), report)
            }
        } catch {
            return finish(error, report)
        }
    }

    /// The marketplace works on a call whose client is gone too: such a call keeps its slot, and its answer is dropped.
    private static func unlessGone(_ answer: HTTPResponse) throws(BrokerRefusal) -> HTTPResponse {
        guard !Task.isCancelled else { throw BrokerRefusal(.cancelled) }
        return answer
    }

    private func begin(_ key: InstallationKey, _ client: BrokerSettings.Client) throws(BrokerRefusal) {
        guard limits.underWay.begin(key, client: client.name) else {
            throw BrokerRefusal(
                503, "busy",
                "\(BrokerCalls.perInstallation) calls for this installation or \(BrokerCalls.perClient) of this client are under way.",
                wait: 1)
        }
    }

    private func send(
        _ call: APICall, _ key: InstallationKey, _ api: MarketplaceAPI, _ began: UInt64
    ) async throws(BrokerRefusal) -> HTTPResponse {
        let token = try await token(key)
        let answer = try await send(call, token, api)
        guard answer.status == .unauthorized else { return try BrokerAnswer.forward(answer, hiding: [token]) }
        // A short-lived token may have expired early. The next one is used at once only where the call may be repeated.
        await tokens.refused(key)
        guard call.isRepeatable, !Task.isCancelled, observability.clock.nanoseconds() - began < Self.longestFirstTry,
            case .token(let next) = await tokens.find(key, whileRemoving: true), !constantTimeEqual(next, token)
        else { return try BrokerAnswer.forward(answer, hiding: [token]) }
        // The refused one may still be worth something elsewhere.
        return try BrokerAnswer.forward(try await send(call, next, api), hiding: [token, next])
    }

    private func send(
        _ call: APICall, _ token: SecretBytes, _ api: MarketplaceAPI
    ) async throws(BrokerRefusal) -> HTTPClientResponse {
        do { return try await api.send(call, token: token) } catch { throw BrokerRefusal(error) }
    }

    private func token(_ key: InstallationKey) async throws(BrokerRefusal) -> SecretBytes {
        switch await tokens.find(key, whileRemoving: true) {
        case .token(let token): return token
        case .none: throw BrokerRefusal(424, "no_token", "There is no access token for this installation.")
        case .removed: throw BrokerRefusal(424, "removed", "This installation is removed.")
        case .unavailable(let reason):
            throw BrokerRefusal(424, reason, "The installation's token is not available now.")
        }
    }

    private func integration(
        of installation: String, _ admitted: Admitted, _ request: HTTPRequest
    ) async throws(BrokerRefusal) -> BrokerIntegration {
        let found = try await chosen(installation, for: admitted.client, request)
        guard admitted.member.map({ $0.key.integration == found.name }) ?? true else {
            throw BrokerRefusal(403, "member_installation", "The member belongs to another integration.")
        }
        return found
    }

    /// Looks only among the integrations that the client may call for, so that its answers are the same whatever
    /// installations the others have.
    private func chosen(
        _ installation: String, for client: BrokerSettings.Client, _ request: HTTPRequest
    ) async throws(BrokerRefusal) -> BrokerIntegration {
        let allowed = integrations.filter { client.integrations?.contains($0.name) ?? true }
        let isLimited = client.integrations != nil
        let forbidden = BrokerRefusal(403, "integration", "This client may not call for this integration.")
        switch request.headers.lookUp(Self.integrationHeader) {
        case .one(let name):
            let name = UntrustedText(name)
            if let named = allowed.first(where: { name.equals($0.name) }) { return named }
            if isLimited { throw forbidden }
            throw BrokerRefusal(400, "integration", "\(Self.integrationHeader) names no integration.")
        case .several: throw BrokerRefusal(400, "integration", "\(Self.integrationHeader) is there twice.")
        case .absent: break
        }
        guard !allowed.isEmpty else { throw forbidden }
        if allowed.count == 1 { return allowed[0] }
        return try await owner(of: installation, among: allowed)
    }

    private func owner(
        of installation: String, among integrations: [BrokerIntegration]
    ) async throws(BrokerRefusal) -> BrokerIntegration {
        var (known, possible): ([BrokerIntegration], [BrokerIntegration]) = ([], [])
        for integration in integrations {
            let key = InstallationKey(integration: integration.name, installationID: installation)
            do {
                switch try await tokens.membership(of: key) {
                case .known: known.append(integration)
                case .possible: possible.append(integration)
                case .unknown: break
                }
            } catch { throw BrokerRefusal(503, "store", "The store does not answer.", wait: 1) }
        }
        let found = known.isEmpty ? possible : known
        guard let first = found.first else {
            throw BrokerRefusal(424, "no_token", "There is no access token for this installation.")
        }
        guard found.count == 1 else {
            throw BrokerRefusal(
                409, "integration",
                "Several integrations may have this installation: say which with \(Self.integrationHeader).")
        }
        return first
    }
}
