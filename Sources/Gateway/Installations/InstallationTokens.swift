import HTTP
import Marketplace
import SecretMemory

/// The access tokens of one integration's installations, wherever they come from.
struct InstallationTokens: Sendable {
    enum Found: Sendable {
        case token(SecretBytes)
        /// Nobody has told us one.
        case none
        /// The account has deleted the installation.
        case removed
        /// There may be one, but it is not to be had now. A stable word, for logs and metrics.
        case unavailable(String)
    }

    private let integration: String
    private let source: InstallationTokenSource
    private let fetched: FetchedTokens?
    private let seal: InstallationTokenSeal
    private let access: LiveStore
    private let log: EventLog
    private let clock: Clock

    init(
        _ settings: IntegrationSettings, ring: KeyRing, access: LiveStore, client: any HTTPClient, log: EventLog,
        metrics: Metrics, clock: Clock
    ) {
        integration = settings.name
        source = settings.installationToken
        if case .clientCredentials(let url, let parameters) = settings.installationToken {
            let grant = ClientCredentialsGrant(
                url: url, clientID: settings.clientID, clientSecret: settings.clientSecret, parameters: parameters,
                client: client)
            fetched = FetchedTokens(grant, metrics: metrics, clock: clock)
        } else {
            fetched = nil
        }
        seal = InstallationTokenSeal(ring)
        self.access = access
        self.log = log
        self.clock = clock
    }

    func find(_ installationID: String) async -> Found {
        let key = InstallationKey(integration: integration, installationID: installationID)
        let record: Installation?
        do { record = try await access.installation(key) } catch { return .unavailable("store") }
        if let record, record.status != .active { return .removed }
        switch source {
        case .none: return .none
        case .configured(let tokens): return tokens[installationID].map { .token($0) } ?? .none
        case .store: return stored(record)
        case .file(let file): return read(file, installationID)
        case .clientCredentials: return await fetched?.find(installationID, now: clock.unixSeconds()) ?? .none
        }
    }

    /// The marketplace did not accept a token that was found: one that was fetched is fetched anew next time.
    func refused(_ installationID: String) async { await fetched?.forget(installationID) }

    private func stored(_ record: Installation?) -> Found {
        guard let record, !record.sealedToken.isEmpty else { return .none }
        guard let token = seal.open(record.sealedToken, for: record.key) else {
            log.record(
                .tokenUnreadable, nil, ["integration": integration, "installation": record.key.installationID])
            return .unavailable("token_unreadable")
        }
        return .token(token)
    }

    private func read(_ file: any TokenFile, _ installationID: String) -> Found {
        let entry = file.entry(of: installationID)
        if let trouble = entry.trouble {
            log.record(.tokenFileUnreadable, nil, ["integration": integration, "detail": trouble])
        }
        switch entry.token {
        case .some(let token?): return .token(token)
        case .some(nil): return .none
        case nil: return .unavailable("token_file")
        }
    }
}
