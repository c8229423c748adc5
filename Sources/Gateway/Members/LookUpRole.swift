import Marketplace

/// Asks the marketplace for one member's role.
struct LookUpRole: Sendable {
    enum Answer: Sendable {
        case asked(MemberLookup.Outcome)
        /// Nobody has told us a token to ask with.
        case noToken
        /// There may be a token, but it is not to be had now. A stable word, for logs and metrics.
        case tokenUnavailable(String)
    }

    let integrations: [Integration]
    let metrics: Metrics
    let clock: Clock

    func role(of member: MemberKey) async -> Answer {
        guard let integration = integrations.first(where: { $0.name == member.integration }) else { return .noToken }
        switch await integration.tokens.find(member.installationID) {
        case .none: return .noToken
        case .unavailable(let reason): return .tokenUnavailable(reason)
        case .removed: return .asked(.installationGone)
        case .token(let token):
            let began = clock.nanoseconds()
            let outcome = await integration.members.member(
                member.userID, installation: member.installationID, token: token)
            metrics.memberLookup.record(clock.nanoseconds() - began)
            if case .tokenRefused = outcome { await integration.tokens.refused(member.installationID) }
            return .asked(outcome)
        }
    }
}
