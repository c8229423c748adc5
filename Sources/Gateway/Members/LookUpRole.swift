import Marketplace

/// Looks up one member's role at the marketplace.
struct LookUpRole: Sendable {
    enum Answer: Sendable {
        case answered(MemberLookup.Outcome)
        case noToken
        /// The token source failed, for this reason: a stable word, for logs and metrics.
        case tokenUnavailable(String)
    }

    private let integrations: [Integration]
    private let tokens: InstallationTokens
    private let observability: Observability
    private let duration: Histogram
    private let unavailable: Counter

    init(_ integrations: [Integration], tokens: InstallationTokens, _ observability: Observability) {
        self.integrations = integrations
        self.tokens = tokens
        self.observability = observability
        let metrics = observability.metrics
        duration = metrics.histogram(
            "member_lookup_seconds", "Time for a member look-up.", bounds: Metrics.outbound)
        unavailable = metrics.counter(
            "member_lookups_unavailable_total", "Member look-ups without a usable answer.")
    }

    func role(of member: MemberKey) async -> Answer {
        await role(of: member, with: tokens.find(member.installation))
    }

    /// `installation`: what the store has of it now, for a caller that has read it.
    func role(of member: MemberKey, in installation: Installation?) async -> Answer {
        await role(of: member, with: tokens.find(member.installation, in: installation))
    }

    private func role(of member: MemberKey, with token: InstallationTokens.Found) async -> Answer {
        guard let integration = integrations.first(where: { $0.name == member.integration }) else { return .noToken }
        switch token {
        case .none: return .noToken
        case .unavailable(let reason): return .tokenUnavailable(reason)
        case .removed: return .answered(.installationGone)
        case .token(let token):
            let began = observability.clock.nanoseconds()
            let outcome = await integration.members.member(
                member.userID, installation: member.installationID, token: token)
            duration.record(observability.clock.nanoseconds() - began)
            if case .tokenRefused = outcome { await tokens.refused(member.installation) }
            return .answered(outcome)
        }
    }

    /// Logs that a look-up ended a member's access. `request`: nil for a look-up outside requests.
    func recordRemoved(_ reason: String, _ member: MemberKey, _ request: RequestID?) {
        observability.log.record(
            .memberRemoved, request,
            [
                "reason": reason, "integration": member.integration, "installation": member.installationID,
                "user": member.userID,
            ])
    }

    /// Counts and logs that a look-up gave no usable answer. `request`: nil for a look-up outside requests.
    func recordUnavailable(_ reason: String, integration: String, _ request: RequestID?) {
        unavailable.count()
        observability.log.record(
            .memberLookupUnavailable, request, ["reason": reason, "integration": integration])
    }
}
