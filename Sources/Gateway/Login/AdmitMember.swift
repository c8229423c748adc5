import Marketplace

/// Whether the person a token names may come in, and with which role: the newest answer there is.
struct AdmitMember: Sendable {
    let integration: Integration
    let observer: LoginObserver
    let clock: Clock

    func role(of token: IDToken, _ id: RequestID) async throws(FailedLogin) -> MemberRole {
        guard let installationToken = integration.settings.installationTokens[token.installationID] else {
            guard integration.settings.unknownInstallations == .allow else {
                throw FailedLogin(failure: .notYourInstallation, reason: "unknown_installation")
            }
            return token.role
        }
        let began = clock.nanoseconds()
        let outcome = await integration.members.member(
            token.userID, installation: token.installationID, token: installationToken)
        observer.metrics.memberLookup.record(clock.nanoseconds() - began)
        switch outcome {
        case .member(let role): return role
        case .removed: throw FailedLogin(failure: .accessRemoved, reason: "member_removed")
        case .installationGone: throw FailedLogin(failure: .accessRemoved, reason: "installation_gone")
        // Neither says anything about the person, and the token's own role is seconds old.
        case .tokenRefused: observer.lookupUnavailable("token_refused", integration.name, id)
        case .unavailable(let reason): observer.lookupUnavailable(reason, integration.name, id)
        }
        return token.role
    }
}
