package import SecretMemory

/// Seals installation tokens for the store with AES-256-GCM under a key of the ring. The integration and the installation are
/// associated data, so that a token that is copied to another row cannot be opened.
package struct InstallationTokenSeal: Sendable {
    /// What a stored token needs before the older keys are retired.
    package enum Renewal: Sendable {
        /// Nothing: it is sealed under the first key.
        case current
        /// To be stored in the place of the old one.
        case resealed(String)
        /// No key of the ring opens it.
        case unreadable
    }

    /// The id of the key that seals.
    package let keyID: String
    private let sealer: Sealer

    package init(_ ring: KeyRing) {
        keyID = ring.keys[0].id
        sealer = Sealer(ring, for: .store, maximumLength: 8192)
    }

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

    package func renew(_ sealed: String, for key: InstallationKey) -> Renewal {
        guard let token = open(sealed, for: key) else { return .unreadable }
        return sealer.isUnderFirstKey(sealed) ? .current : .resealed(seal(token, for: key))
    }

    private static func context(_ key: InstallationKey) -> [UInt8] {
        SessionSeal.context(["installation token", key.integration, key.installationID])
    }
}
