import Marketplace

/// Seals a session into cookie text and opens it. The cookie's name, the integration and the origin are associated data, so
/// that a cookie is not valid at another gateway.
struct SessionSeal: Sendable {
    /// Name and value of the cookie together. In bytes.
    static let maximumCookieLength = 1024

    private let sealer: Sealer
    private let cookieName: String
    private let origin: String
    /// Integration name → associated data.
    private let contexts: [(integration: String, data: [UInt8])]

    init(_ ring: KeyRing, cookieName: String, integrations: [String], origin: WebOrigin) {
        sealer = Sealer(ring, for: .session)
        self.cookieName = cookieName
        self.origin = origin.description
        contexts = integrations.map { ($0, Self.context([cookieName, $0, origin.description])) }
    }

    static func context(_ parts: [String]) -> [UInt8] {
        var writer = SealedFieldWriter()
        for part in parts { writer.put(part) }
        return writer.bytes
    }

    func seal(_ session: Session) -> String {
        var plaintext = Self.encode(session, avatar: session.avatarURL)
        if cookieName.utf8.count + 1 + Sealer.sealedLength(ofPlaintext: plaintext.count) > Self.maximumCookieLength {
            plaintext = Self.encode(session, avatar: "")
        }
        let integration = session.member.integration
        // An integration that is not configured: the cookie cannot be opened here, which is no reason to stop the process.
        let context =
            contexts.first { $0.integration == integration }?.data ?? Self.context([cookieName, integration, origin])
        return sealer.seal(plaintext, authenticating: context)
    }

    /// Nil for text that is no session of a configured integration. The session may have expired.
    func open(_ text: ArraySlice<UInt8>) -> Session? {
        for context in contexts {
            if let plaintext = sealer.open(text, authenticating: context.data) {
                return Self.decode(plaintext, integration: context.integration)
            }
        }
        return nil
    }

    static func encode(_ session: Session, avatar: String) -> [UInt8] {
        var writer = SealedFieldWriter()
        writer.put(session.id.bytes)
        writer.put(session.member.installationID)
        writer.put(session.accountID)
        writer.put(session.member.userID)
        writer.put(session.role.rawValue)
        writer.put(session.roleCheckedAt)
        writer.put(session.name)
        writer.put(session.email)
        writer.put(avatar)
        writer.put(session.issuedAt)
        writer.put(session.lastRenewed)
        writer.put(session.expires)
        return writer.bytes
    }

    static func decode(_ plaintext: [UInt8], integration: String) -> Session? {
        var reader = SealedFieldReader(plaintext)
        guard let id = reader.field().flatMap(SessionID.init),
            let installation = reader.text(), let account = reader.text(), let user = reader.text(),
            let role = reader.text().flatMap(MemberRole.init), let roleCheckedAt = reader.time(),
            let name = reader.text(), let email = reader.text(), let avatar = reader.text(),
            let issuedAt = reader.time(), let lastRenewed = reader.time(), let expires = reader.time(),
            reader.isAtEnd
        else { return nil }
        return Session(
            id: id,
            member: MemberKey(integration: integration, installationID: installation, userID: user),
            accountID: account, role: role, roleCheckedAt: roleCheckedAt, name: name, email: email, avatarURL: avatar,
            issuedAt: issuedAt, lastRenewed: lastRenewed, expires: expires)
    }
}
