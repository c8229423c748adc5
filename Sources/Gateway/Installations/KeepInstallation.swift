import HTTP
import JOSE
import Marketplace

/// Stores the effect of a call that the partner accepted, in one transaction and once for each idempotency key.
struct KeepInstallation: Sendable {
    /// Longer than the marketplace retries. In seconds.
    static let retention: Int64 = 2 * 86_400

    let access: LiveStore
    let seal: InstallationTokenSeal
    let lifetimes: SessionLifetimes
    let clock: Clock

    /// False where the call was stored before, or stores nothing. `isFinal`: the partner needs no time for last invoices.
    func keep(
        _ call: InstallationCall, _ content: InstallationCall.Content, from token: CallToken, of key: InstallationKey,
        isFinal: Bool
    ) async throws(StoreError) -> Bool {
        let now = clock.unixSeconds()
        let writes = try await writes(call, content, token, key, isFinal, now: now)
        if writes.isEmpty { return false }
        guard let idempotencyKey = call.idempotencyKey else { return try await !access.write(writes).isEmpty }
        let seen = SeenWebhook(
            integration: key.integration,
            id: "\(call.method.rawValue) \(key.installationID) \(isFinal) \(idempotencyKey)",
            until: now + Self.retention)
        return try await access.receive(seen, writing: writes) != nil
    }

    private func writes(
        _ call: InstallationCall, _ content: InstallationCall.Content, _ token: CallToken, _ key: InstallationKey,
        _ isFinal: Bool, now: Int64
    ) async throws(StoreError) -> [StoreWrite] {
        switch call.method {
        case .put: return [upsert(content, token, key, now: now)]
        case .delete:
            let revoked = try await access.revocations(of: [.installation(key)], now: now, lifetimes: lifetimes)
            return [removal(key, isFinal, now: now)] + revoked.map { .revocation($0) }
        default: return []
        }
    }

    private func upsert(
        _ content: InstallationCall.Content, _ token: CallToken, _ key: InstallationKey, now: Int64
    ) -> StoreWrite {
        let sealed = content.accessToken.map { seal.seal($0, for: key) }
        let (account, accountID) = (content.account, token.accountID ?? "")
        return .installation(key) { stored in
            var installation = stored ?? Installation(key: key, changedAt: now * 1000)
            // Ids are never used again, so a late call must not restore the installation.
            guard installation.status != .removed else { return nil }
            installation.become(.active, at: now * 1000)
            installation.accountID = accountID
            if let account { (installation.accountName, installation.accountURL) = (account.name, account.url) }
            if let sealed { installation.sealedToken = sealed }
            return installation
        }
    }

    /// The token stays for last invoices until the removal is final.
    private func removal(_ key: InstallationKey, _ isFinal: Bool, now: Int64) -> StoreWrite {
        .installation(key) { stored in
            var installation = stored ?? Installation(key: key, changedAt: now * 1000)
            guard installation.status != .removed else { return nil }
            installation.become(isFinal ? .removed : .removing, at: now * 1000)
            return installation
        }
    }
}
