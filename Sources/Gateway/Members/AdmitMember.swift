import Marketplace

/// Whether the person a token names may come in, and with which role: the newest answer there is.
struct AdmitMember: Sendable {
    let integration: Integration
    let lookup: LookUpRole
    let access: LiveStore
    let observer: LoginObserver
    let clock: Clock

    func role(of token: IDToken, _ id: RequestID) async throws(FailedLogin) -> MemberRole {
        let member = MemberKey(
            integration: integration.name, installationID: token.installationID, userID: token.userID)
        let isKnown = try await checkInstallation(member.installation)
        switch await lookup.role(of: member) {
        case .asked(.member(let role)): return role
        case .asked(.removed): throw FailedLogin(failure: .accessRemoved, reason: "member_removed")
        case .asked(.installationGone): throw FailedLogin(failure: .accessRemoved, reason: "installation_gone")
        // Neither says anything about the person, and the token's own role is seconds old.
        case .asked(.tokenRefused): observer.lookupUnavailable("token_refused", integration.name, id)
        case .asked(.unavailable(let reason)): observer.lookupUnavailable(reason, integration.name, id)
        case .tokenUnavailable(let reason):
            observer.lookupUnavailable(reason, integration.name, id)
            // Whether this is an installation of ours cannot be told now.
            guard mayEnter(isKnown) else { throw FailedLogin(failure: .providerUnreachable, reason: reason) }
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

    /// Whether it is one that the store knows.
    private func checkInstallation(_ key: InstallationKey) async throws(FailedLogin) -> Bool {
        let stored: Installation?
        do { stored = try await access.store.installation(key) } catch { throw FailedLogin(error) }
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
        do { heard = try await access.store.member(member) } catch { throw FailedLogin(error) }
        guard let heard, heard.changedAt / 1000 >= clock.unixSeconds() - 60 else { return token.role }
        guard let role = heard.role else { throw FailedLogin(failure: .accessRemoved, reason: "member_removed") }
        return role == .user ? .user : token.role
    }
}
