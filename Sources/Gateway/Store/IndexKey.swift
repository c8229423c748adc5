import OpenSSLCrypto

/// A session's id, or 128 bits of a keyed hash of a member or an installation.
struct IndexKey: Equatable, Sendable {
    let high: UInt64
    let low: UInt64
}

extension IndexKey {
    /// Of this process alone; no key is ever written down.
    private static let secret: (UInt64, UInt64) = {
        let bytes = SecureRandom.bytes(16)
        return (UInt64(bigEndianBytes: bytes[0..<8]), UInt64(bigEndianBytes: bytes[8..<16]))
    }()

    init(_ session: SessionID) { self.init(high: session.high, low: session.low) }

    init(_ installation: InstallationKey) { self.init(Self.hash(installation)) }

    init(_ member: MemberKey) { self = Self.of(member).member }

    /// Both at once: a member's hash goes on where the installation's ends, so neither can be the other's.
    static func of(_ member: MemberKey) -> (member: IndexKey, installation: IndexKey) {
        let installation = hash(member.integration, member.installationID)
        var hash = installation
        hash.combine(member.userID)
        return (IndexKey(hash), IndexKey(installation))
    }

    private static func hash(_ installation: InstallationKey) -> SipHash {
        hash(installation.integration, installation.installationID)
    }

    private static func hash(_ integration: String, _ installationID: String) -> SipHash {
        var hash = SipHash(key: secret)
        hash.combine(integration)
        hash.combine(installationID)
        return hash
    }

    private init(_ hash: SipHash) {
        let (high, low) = hash.finish()
        self.init(high: high, low: low)
    }
}
