import Marketplace
import SecretMemory

/// Whether the person a token names may come in, and with which role: the newest answer there is.
struct AdmitMember: Sendable {
    let integration: Integration
    let observer: LoginObserver
    let clock: Clock

    func role(of token: IDToken, _ id: RequestID) async throws(FailedLogin) -> MemberRole {
        let isUnknownAllowed = integration.settings.unknownInstallations == .allow
        let installationToken: SecretBytes
        switch await integration.tokens.find(token.installationID) {
        case .token(let found): installationToken = found
        case .removed: throw FailedLogin(failure: .accessRemoved, reason: "installation_removed")
        case .none where isUnknownAllowed: return token.role
        case .none: throw FailedLogin(failure: .notYourInstallation, reason: "unknown_installation")
        // Whether it is a known installation cannot be told now.
        case .unavailable(let reason) where !isUnknownAllowed:
            throw FailedLogin(failure: .providerUnreachable, reason: reason)
        case .unavailable(let reason):
            observer.lookupUnavailable(reason, integration.name, id)
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
        case .tokenRefused:
            await integration.tokens.refused(token.installationID)
            observer.lookupUnavailable("token_refused", integration.name, id)
        case .unavailable(let reason): observer.lookupUnavailable(reason, integration.name, id)
        }
        return token.role
    }
}
