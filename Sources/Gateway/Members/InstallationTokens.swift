import HTTP
import Marketplace
import SecretMemory

/// The access tokens of installations, from each integration's token source.
struct InstallationTokens: Sendable {
    enum Found: Sendable {
        case token(SecretBytes)
        /// The source has none.
        case none
        /// The account has deleted the installation.
        case removed
        /// The source failed, for this reason: a stable word, for logs and metrics.
        case unavailable(String)
    }

    /// By the integration's name.
    private let sources: [String: InstallationTokenSource]
    private let fetched: [String: FetchedTokens]
    private let seal: InstallationTokenSeal
    private let access: LiveStore
    private let observability: Observability

    init(
        _ integrations: [IntegrationSettings], ring: KeyRing, access: LiveStore, client: any HTTPClient,
        _ observability: Observability
    ) {
        // The metric exists whether or not an integration fetches tokens.
        _ = FetchedTokens.fetches(observability.metrics)
        sources = Dictionary(uniqueKeysWithValues: integrations.map { ($0.name, $0.installationToken) })
        var fetched: [String: FetchedTokens] = [:]
        for integration in integrations {
            guard case .clientCredentials(let url, let parameters) = integration.installationToken else { continue }
            let grant = ClientCredentialsGrant(
                url: url, clientID: integration.clientID, clientSecret: integration.clientSecret,
                parameters: parameters, client: client)
            fetched[integration.name] = FetchedTokens(grant, observability)
        }
        self.fetched = fetched
        seal = InstallationTokenSeal(ring)
        self.access = access
        self.observability = observability
    }

    /// `whileRemoving`: also for an installation that is deleted but not yet finally, for its last invoices.
    func find(_ key: InstallationKey, whileRemoving: Bool = false) async -> Found {
        let record: Installation?
        do { record = try await access.installation(key) } catch { return .unavailable("store") }
        return await find(key, in: record, whileRemoving: whileRemoving)
    }

    /// `record`: what the store has of the installation now, for a caller that has read it.
    func find(_ key: InstallationKey, in record: Installation?, whileRemoving: Bool = false) async -> Found {
        guard let source = sources[key.integration] else { return .none }
        if let record, record.status != .active, !(whileRemoving && record.status == .removing) { return .removed }
        switch source {
        case .none: return .none
        case .configured(let tokens): return tokens[key.installationID].map { .token($0) } ?? .none
        case .store: return stored(record)
        case .file(let file): return read(file, key)
        case .clientCredentials:
            let now = observability.clock.unixSeconds()
            return await fetched[key.integration]?.find(key.installationID, now: now) ?? .none
        }
    }

    /// Whether an installation belongs to its integration.
    enum Membership: Sendable {
        /// The installation is stored, or its token is configured.
        case known
        /// The integration fetches tokens for any installation, so an unknown one may exist.
        case possible
        case unknown
    }

    func membership(of key: InstallationKey) async throws(StoreError) -> Membership {
        if let record = try await access.installation(key) { return record.status == .removed ? .unknown : .known }
        return switch sources[key.integration] {
        case .configured(let tokens)?: tokens[key.installationID] == nil ? .unknown : .known
        case .file(let file)?:
            if case .some(.some) = entry(of: key, in: file) { .known } else { .unknown }
        case .clientCredentials?: .possible
        case .store?, .some(.none), nil: .unknown
        }
    }

    /// The marketplace refused a token: a fetched one is fetched again next time.
    func refused(_ key: InstallationKey) async { await fetched[key.integration]?.forget(key.installationID) }

    private func stored(_ record: Installation?) -> Found {
        guard let record, !record.sealedToken.isEmpty else { return .none }
        guard let token = seal.open(record.sealedToken, for: record.key) else {
            observability.log.record(
                .tokenUnreadable, nil,
                ["integration": record.key.integration, "installation": record.key.installationID])
            return .unavailable("token_unreadable")
        }
        return .token(token)
    }

    private func read(_ file: any TokenFile, _ key: InstallationKey) -> Found {
        switch entry(of: key, in: file) {
        case .some(let token?): .token(token)
        case .some(nil): .none
        case nil: .unavailable("token_file")
        }
    }

    /// The file reports each trouble once, so every reading logs it.
    private func entry(of key: InstallationKey, in file: any TokenFile) -> SecretBytes?? {
        let entry = file.entry(of: key.installationID)
        if let trouble = entry.trouble {
            observability.log.record(
                .tokenFileUnreadable, nil, ["integration": key.integration, "detail": trouble])
        }
        return entry.token
    }
}
