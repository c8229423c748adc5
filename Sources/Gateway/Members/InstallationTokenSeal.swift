package import SecretMemory

/// Installation tokens as the store keeps them: sealed with AES-256-GCM under a key of the ring, bound to the integration
/// and the installation, so that a token put into another row opens for nobody.
package struct InstallationTokenSeal: Sendable {
    private let sealer: Sealer

    package init(_ ring: KeyRing) { sealer = Sealer(ring, for: .store, maximumLength: 8192) }

    package func seal(_ token: SecretBytes, for key: InstallationKey) -> String {
        var plain = token.exposedBytes
        defer { plain.cleanse() }
        return sealer.seal(plain, authenticating: Self.context(key))
    }

    /// Nil for whatever this ring did not seal for this installation.
    package func open(_ sealed: String, for key: InstallationKey) -> SecretBytes? {
        guard var plain = sealer.open(Array(sealed.utf8)[...], authenticating: Self.context(key)) else { return nil }
        defer { plain.cleanse() }
        return SecretBytes(plain)
    }

    private static func context(_ key: InstallationKey) -> [UInt8] {
        SessionSeal.context(["installation token", key.integration, key.installationID])
    }
}
