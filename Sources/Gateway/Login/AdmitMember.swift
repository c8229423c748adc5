import Marketplace

/// Whether the person a token names may come in, and with which role: the newest answer there is.
struct AdmitMember: Sendable {
    let integration: Integration
    let lookup: LookUpRole
    let access: LiveStore
    let lifetimes: SessionLifetimes
    let clock: Clock

    struct Admitted: Sendable {
        let role: MemberRole
        /// When the marketplace was asked. In seconds since 1970.
        let asked: Int64
        /// When the session counts as issued: what ends or changes the person's access from the request on is newer than
        /// the answer. In seconds since 1970.
        let issuedAt: Int64
    }

    func member(_ token: IDToken, _ id: RequestID) async throws(FailedLogin) -> Admitted {
        let member = MemberKey(
            integration: integration.name, installationID: token.installationID, userID: token.userID)
        let asked = LookupTime(clock: clock, index: access.index)
        let issuedAt = access.index.issueTime(for: member, now: asked.seconds)
        let role = try await role(of: token, member, asked: asked, id)
        return Admitted(role: role, asked: asked.seconds, issuedAt: issuedAt)
    }

    private func role(of token: IDToken, _ member: MemberKey, asked: LookupTime, _ id: RequestID)
        async throws(FailedLogin) -> MemberRole
    {
        let isKnown = try await checkInstallation(member.installation)
        switch await lookup.role(of: member) {
        case .asked(.member(let role)):
            await tellOthers(role, of: member, asked: asked)
            return role
        case .asked(.removed): throw await ended(.removed, "member_removed", member, asked: asked)
        case .asked(.installationGone):
            throw await ended(.installationGone, "installation_gone", member, asked: asked)
        // Neither says anything about the person, and the token's own role is seconds old.
        case .asked(.tokenRefused): lookup.recordUnavailable("token_refused", integration: integration.name, id)
        case .asked(.unavailable(let reason)): lookup.recordUnavailable(reason, integration: integration.name, id)
        case .tokenUnavailable(let reason):
            lookup.recordUnavailable(reason, integration: integration.name, id)
            // Whether this is an installation of ours cannot be told now.
            guard mayEnter(isKnown) else {
                let failure: LoginFailure = reason == "store" ? .storeUnavailable : .providerUnreachable
                throw FailedLogin(failure: failure, reason: reason)
            }
        case .noToken:
            guard mayEnter(isKnown) else {
                throw FailedLogin(failure: .notYourInstallation, reason: "unknown_installation")
            }
        }
        return try await stricter(token, member)
    }

    private func mayEnter(_ isKnown: Bool) -> Bool {
        isKnown || integration.settings.unknownInstallations == .allow
    }

    /// The same person's sessions on other browsers end with it. Should the store not take it, their own look-ups will
    /// tell; the login is refused either way.
    private func ended(
        _ outcome: MemberLookup.Outcome, _ reason: String, _ member: MemberKey, asked: LookupTime
    ) async -> FailedLogin {
        await write(outcome, member, asked: asked)
        return FailedLogin(failure: .accessRemoved, reason: reason)
    }

    /// Sessions on other browsers have the newest role, too. Nothing is written where they have it already.
    private func tellOthers(_ role: MemberRole, of member: MemberKey, asked: LookupTime) async {
        if access.index.role(of: member) != role { await write(.member(role), member, asked: asked) }
    }

    private func write(_ outcome: MemberLookup.Outcome, _ member: MemberKey, asked: LookupTime) async {
        _ = try? await access.write(outcome.writes(about: member, asked: asked, lifetimes: lifetimes))
    }

    /// Whether it is one that the store knows.
    private func checkInstallation(_ key: InstallationKey) async throws(FailedLogin) -> Bool {
        let stored: Installation?
        do { stored = try await access.installation(key) } catch { throw FailedLogin(error) }
        guard let stored else { return false }
        guard stored.status == .active else {
            throw FailedLogin(failure: .accessRemoved, reason: "installation_gone")
        }
        return true
    }

    /// The token was made a moment ago. What was heard in the last minute may be newer still, and clocks differ: of
    /// these two the one that permits less holds.
    private func stricter(_ token: IDToken, _ member: MemberKey) async throws(FailedLogin) -> MemberRole {
        let heard: MemberState?
        do { heard = try await access.member(member) } catch { throw FailedLogin(error) }
        guard let heard, heard.changedAt / 1000 >= clock.unixSeconds() - 60 else { return token.role }
        guard let role = heard.role else { throw FailedLogin(failure: .accessRemoved, reason: "member_removed") }
        return role == .user ? .user : token.role
    }
}
