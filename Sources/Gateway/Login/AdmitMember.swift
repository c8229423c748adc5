import Marketplace

/// Decides whether the member that a token names may sign in, and with which role: the newest that is known.
struct AdmitMember: Sendable {
    let integration: Integration
    let lookup: LookUpRole
    let access: LiveStore
    let lifetimes: SessionLifetimes
    let clock: Clock
    let whenStoreUnavailable: LoginSettings.WhenStoreUnavailable

    struct Admitted: Sendable {
        let role: MemberRole
        /// When the look-up was sent. In seconds since 1970.
        let roleCheckedAt: Int64
        /// The session's issue time, from before the look-up: a revocation that is made during the look-up must end this
        /// session. In seconds since 1970.
        let issuedAt: Int64
    }

    /// `age`: how old the token may be beyond a moment. In seconds.
    func member(_ token: VerifiedMember, age: Int64, _ id: RequestID) async throws(FailedLogin) -> Admitted {
        let member = token.key
        let sentAt = LookupTime(clock: clock, index: access.index)
        let issuedAt = access.index.issueTime(for: member, now: sentAt.seconds)
        let role = try await role(of: token, member, age: age, sentAt: sentAt, id)
        return Admitted(role: role, roleCheckedAt: sentAt.seconds, issuedAt: issuedAt)
    }

    private func role(of token: VerifiedMember, _ member: MemberKey, age: Int64, sentAt: LookupTime, _ id: RequestID)
        async throws(FailedLogin) -> MemberRole
    {
        let installation = try await checkInstallation(member.installation)
        switch await lookUp(member, installation) {
        case .answered(.member(let role)):
            await updateOtherSessions(role, of: member, sentAt: sentAt)
            return role
        case .answered(.removed): throw await ended(.removed, member, sentAt: sentAt, id)
        case .answered(.installationGone): throw await ended(.installationGone, member, sentAt: sentAt, id)
        // Neither says anything about the member, and the token's own role is seconds old.
        case .answered(.tokenRefused): lookup.recordUnavailable("token_refused", integration: integration.name, id)
        case .answered(.unavailable(let reason)): lookup.recordUnavailable(reason, integration: integration.name, id)
        case .tokenUnavailable(let reason):
            lookup.recordUnavailable(reason, integration: integration.name, id)
            // The look-up would have shown whether the installation is the integration's.
            guard mayEnter(installation) else {
                let failure: LoginFailure = reason == "store" ? .storeUnavailable : .providerUnreachable
                throw FailedLogin(failure: failure, reason: reason)
            }
        case .noToken:
            guard mayEnter(installation) else {
                throw FailedLogin(failure: .notYourInstallation, reason: "unknown_installation")
            }
        }
        return try await stricter(token, member, age: age)
    }

    /// The installation's token is in the record that was read: a second read would cost each login a round trip.
    private func lookUp(_ member: MemberKey, _ installation: StoredInstallation) async -> LookUpRole.Answer {
        switch installation {
        case .known(let record): await lookup.role(of: member, in: record)
        case .unknown: await lookup.role(of: member, in: nil)
        case .unreadable: .tokenUnavailable("store")
        }
    }

    private func mayEnter(_ installation: StoredInstallation) -> Bool {
        if case .known = installation { return true }
        return integration.settings.unknownInstallations == .allow
    }

    /// Also ends the member's sessions on other browsers. If the store fails, their own look-ups end them; the login is
    /// refused either way.
    private func ended(
        _ outcome: MemberLookup.Outcome, _ member: MemberKey, sentAt: LookupTime, _ id: RequestID
    ) async -> FailedLogin {
        let reason = outcome.ending ?? ""
        lookup.recordRemoved(reason, member, id)
        await write(outcome, member, sentAt: sentAt)
        return FailedLogin(failure: .accessRemoved, reason: reason)
    }

    /// Gives the member's sessions on other browsers the same role. Most logins change no role and need no write.
    private func updateOtherSessions(_ role: MemberRole, of member: MemberKey, sentAt: LookupTime) async {
        if access.index.role(of: member) != role { await write(.member(role), member, sentAt: sentAt) }
    }

    private func write(_ outcome: MemberLookup.Outcome, _ member: MemberKey, sentAt: LookupTime) async {
        _ = try? await access.write(outcome.writes(about: member, sentAt: sentAt, lifetimes: lifetimes))
    }

    private enum StoredInstallation {
        case known(Installation)
        case unknown
        /// The store does not answer, and the login goes on without it.
        case unreadable
    }

    /// Throws for a removed installation.
    private func checkInstallation(_ key: InstallationKey) async throws(FailedLogin) -> StoredInstallation {
        let stored: Installation?
        do { stored = try await access.installation(key) } catch {
            // A removal revokes the installation's sessions, which the index still knows.
            guard whenStoreUnavailable == .continue, !access.index.isRevoked(key) else { throw FailedLogin(error) }
            return .unreadable
        }
        guard let stored else { return .unknown }
        guard stored.status == .active else {
            throw FailedLogin(failure: .accessRemoved, reason: "installation_gone")
        }
        return .known(stored)
    }

    /// For a member who signs in elsewhere: as this region knows them, which may have heard of a removal that the other one
    /// has not.
    func passing(_ token: VerifiedMember) async throws(FailedLogin) -> VerifiedMember {
        _ = try await checkInstallation(token.key.installation)
        var passing = token
        passing.role = try await stricter(token, token.key, age: 0)
        return passing
    }

    /// The token is seconds old, or `age`. A report of the minutes before that may be newer, because clocks differ, so the
    /// stricter role of the two is used.
    private func stricter(_ token: VerifiedMember, _ member: MemberKey, age: Int64) async throws(FailedLogin)
        -> MemberRole
    {
        let reported: MemberState?
        do { reported = try await access.member(member) } catch {
            guard whenStoreUnavailable == .continue, !access.index.isRemoved(member) else { throw FailedLogin(error) }
            return access.index.role(of: member) == .user ? .user : token.role
        }
        guard let reported, reported.changedAt / 1000 >= clock.unixSeconds() - LiveStore.skew - age else {
            return token.role
        }
        guard let role = reported.role else { throw FailedLogin(failure: .accessRemoved, reason: "member_removed") }
        return role == .user ? .user : token.role
    }
}
