import Marketplace

/// Asks the marketplace for one member's role. Nil where there is no token to ask with.
struct LookUpRole: Sendable {
    let integrations: [Integration]
    let metrics: Metrics
    let clock: Clock

    func role(of member: MemberKey) async -> MemberLookup.Outcome? {
        guard let integration = integrations.first(where: { $0.name == member.integration }),
            let token = await integration.tokens.token(for: member.installationID)
        else { return nil }
        let began = clock.nanoseconds()
        defer { metrics.memberLookup.record(clock.nanoseconds() - began) }
        return await integration.members.member(member.userID, installation: member.installationID, token: token)
    }
}
