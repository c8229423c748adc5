import Marketplace

/// Verifies that a call is the marketplace's, and finds its integration: the one whose client id the token names.
struct AuthenticateCall: Sendable {
    enum Failure: Error, Sendable {
        case refused(reason: String)
        case keysUnavailable(reason: String)
    }

    let integrations: [Integration]
    let clock: Clock

    func caller(of call: InstallationCall) async throws(Failure) -> (integration: Integration, token: CallToken) {
        var failure = Failure.refused(reason: "audience")
        for integration in integrations {
            let token: CallToken
            do {
                token = try await integration.verifier.verify(call.token, as: call.kind, now: clock.unixSeconds())
            } catch {
                if let own = Self.failure(error) { failure = own }
                continue
            }
            try Self.check(token, call)
            return (integration, token)
        }
        throw failure
    }

    /// Nil where the token is for another integration.
    private static func failure(_ failure: IDTokenVerifier.Failure) -> Failure? {
        switch failure {
        case .refused(.audience): nil
        case .refused(let refusal): .refused(reason: refusal.reason)
        case .keysUnavailable: .keysUnavailable(reason: "keys")
        }
    }

    private static func check(_ token: CallToken, _ call: InstallationCall) throws(Failure) {
        guard token.installationID == call.installationID else { throw .refused(reason: "other_installation") }
        // Only administrators may install, change and delete.
        if case .user(let member) = token, member.role != .admin { throw .refused(reason: "role") }
    }
}
