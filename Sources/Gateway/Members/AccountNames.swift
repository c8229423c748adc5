import Locking
import Marketplace

/// What the teams behind installations are called: from the store where the marketplace has told us, else looked up
/// once a day behind a login, for those whose token is known. For people to read; nothing is decided by it.
final class AccountNames: Sendable {
    /// In seconds.
    static let lifetime: Int64 = 86_400
    /// After a look-up without a usable answer. In seconds.
    static let rest: Int64 = 600
    static let maximumInstallations = 10_000

    private struct Known {
        var account: AccountData?
        /// When to ask again.
        var until: Int64
    }

    private let integrations: [Integration]
    private let access: LiveStore
    private let tokens: InstallationTokens
    private let log: EventLog
    private let clock: Clock
    private let lookupsUnavailable: Counter
    private let known = Locked<[InstallationKey: Known]>([:])

    init(
        _ integrations: [Integration], tokens: InstallationTokens, access: LiveStore, _ observability: Observability
    ) {
        self.integrations = integrations
        self.tokens = tokens
        self.access = access
        log = observability.log
        clock = observability.clock
        lookupsUnavailable = observability.metrics.counter(
            "account_lookups_unavailable_total", "Account look-ups without a usable answer.")
    }

    /// Has the account looked up, unless that was done lately. Returns at once.
    func refresh(_ key: InstallationKey) {
        let now = clock.unixSeconds()
        let isDue = known.withLock { known in
            if let there = known[key], now < there.until, there.until <= now + Self.lifetime { return false }
            if known[key] == nil, known.count >= Self.maximumInstallations {
                known = known.filter { now < $0.value.until }
                guard known.count < Self.maximumInstallations else { return false }
            }
            // Whoever comes while it is under way finds it done.
            known[key, default: Known(until: 0)].until = now + Self.rest
            return true
        }
        if isDue { Task { await look(key) } }
    }

    /// Nil where nobody has told yet.
    func name(of key: InstallationKey) async -> String? {
        refresh(key)
        if let name = known.withLock({ $0[key]?.account?.name }) { return name }
        return (try? await access.installation(key))?.accountName
    }

    private func look(_ key: InstallationKey) async {
        guard let integration = integrations.first(where: { $0.name == key.integration }),
            case .token(let token) = await tokens.find(key)
        else { return }
        switch await integration.accounts.account(installation: key.installationID, token: token) {
        case .account(let account):
            let until = clock.unixSeconds() + Self.lifetime
            known.withLock { $0[key] = Known(account: account, until: until) }
            await keep(account, of: key)
        case .gone: unavailable("installation_gone", key)
        case .tokenRefused: unavailable("token_refused", key)
        case .unavailable(let reason): unavailable(reason, key)
        }
    }

    /// Where the store knows the installation. Only then: a record says that its members may come in.
    private func keep(_ account: AccountData, of key: InstallationKey) async {
        _ = try? await access.write([
            .installation(key) { stored in
                guard var installation = stored, installation.status != .removed else { return nil }
                installation.accountName = account.name
                installation.accountURL = account.url
                return installation
            }
        ])
    }

    private func unavailable(_ reason: String, _ key: InstallationKey) {
        lookupsUnavailable.count()
        log.record(.accountLookupUnavailable, nil, ["reason": reason, "integration": key.integration])
    }
}
