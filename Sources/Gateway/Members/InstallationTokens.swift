import SecretMemory

/// Where the access token of an installation comes from.
struct InstallationTokens: Sendable {
    let integration: IntegrationSettings

    /// Nil where none is known.
    func token(for installationID: String) async -> SecretBytes? { integration.installationTokens[installationID] }
}
