package import SecretMemory

/// Seals installation tokens for the store with AES-256-GCM under a key of the ring. The integration and the installation are
/// associated data, so that a token that is copied to another row cannot be opened.
package struct InstallationTokenSeal: Sendable {
    private let sealer: Sealer

    package init(_ ring: KeyRing) { sealer = Sealer(ring, for: .store, maximumLength: 8192) }

    package func seal(_ token: SecretBytes, for key: InstallationKey) -> String {
        var plain = token.exposedBytes
        defer { plain.cleanse() }
        return sealer.seal(plain, authenticating: Self.context(key))
    }

    /// Nil for text that this ring did not seal for this installation.
    package func open(_ sealed: String, for key: InstallationKey) -> SecretBytes? {
        guard var plain = sealer.open(Array(sealed.utf8)[...], authenticating: Self.context(key)) else { return nil }
        defer { plain.cleanse() }
        return SecretBytes(plain)
    }

    private static func context(_ key: InstallationKey) -> [UInt8] {
        SessionSeal.context(["installation token", key.integration, key.installationID])
    }
}
