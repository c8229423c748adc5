import Locking
import Marketplace

/// The names of the installations' accounts, for pages. Read from the store, else looked up once a day after a login where
/// an installation token is known. No decision depends on them.
final class AccountNames: Sendable {
    /// In seconds.
    static let lifetime: Int64 = 86_400
    /// After a look-up without a usable answer. In seconds.
    static let rest: Int64 = 600
    static let maximumInstallations = 10_000

    private struct Known {
        var account: AccountData?
        /// When the next look-up is due. In seconds since 1970.
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

    /// Starts a look-up of the account if one is due, and returns at once.
    func refresh(_ key: InstallationKey) {
        let now = clock.unixSeconds()
        let isDue = known.withLock { known in
            if let there = known[key], now < there.until, there.until <= now + Self.lifetime { return false }
            if known[key] == nil, known.count >= Self.maximumInstallations {
                known = known.filter { now < $0.value.until }
                guard known.count < Self.maximumInstallations else { return false }
            }
            // Set before the look-up, so that no second one starts meanwhile.
            known[key, default: Known(until: 0)].until = now + Self.rest
            return true
        }
        // The request's own time for the store may be nearly over.
        if isDue { StorePatience.$current.withValue(nil) { _ = Task { await look(key) } } }
    }

    /// Nil while the name is unknown.
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

    /// Only for an installation that the store knows: a new record would let its members sign in.
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
