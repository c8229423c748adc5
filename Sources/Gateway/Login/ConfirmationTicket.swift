import HTTP
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// A login that waits for confirmation, sealed into the page's own form. A cookie binds it to this browser, and it names the
/// session that it would replace. It grants nothing by itself.
struct ConfirmationTicket: Sendable {
    struct Content: Sendable, Equatable {
        let session: Session
        let location: String
        /// The id of the session that was live when the page was shown; empty for none.
        let replaces: [UInt8]
    }

    /// In seconds.
    static let lifetime: Int64 = 300

    private let sealer: Sealer
    private let cookies: GatewayCookies
    private let associatedData: [UInt8]
    private let random: RandomSource

    init(ring: KeyRing, cookies: GatewayCookies, origin: WebOrigin, random: RandomSource) {
        // Long enough for a session and the longest target.
        sealer = Sealer(ring, for: .ticket, maximumLength: 8192)
        self.cookies = cookies
        self.random = random
        associatedData = SessionSeal.context([cookies.ticketName, origin.description])
    }

    /// The form's value and the `Set-Cookie` that binds it to this browser.
    func issue(_ content: Content, now: Int64) -> (ticket: String, cookie: String) {
        let binding = random.bytes(16)
        var writer = SealedFieldWriter()
        writer.put(binding)
        writer.put(content.session.member.integration)
        writer.put(SessionSeal.encode(content.session, avatar: content.session.avatarURL))
        writer.put(content.location)
        writer.put(content.replaces)
        writer.put(now)
        let ticket = sealer.seal(writer.bytes, authenticating: associatedData)
        let cookie = cookies.cookie(cookies.ticketName).setting(binding.hexadecimal, maxAge: Self.lifetime)
        return (ticket, cookie)
    }

    /// Nil for a ticket that is not ours, too old, or another browser's.
    func open(_ ticket: String, _ context: RequestContext) -> Content? {
        guard let bound = CookieHeader(context.request.headers)[cookies.ticketName],
            let plaintext = sealer.open(Array(ticket.utf8)[...], authenticating: associatedData)
        else { return nil }
        var reader = SealedFieldReader(plaintext)
        guard let binding = reader.field(), let integration = reader.text(), let encoded = reader.field(),
            let session = SessionSeal.decode(Array(encoded), integration: integration),
            let location = reader.text(), let replaces = reader.field(), let issuedAt = reader.time(), reader.isAtEnd,
            context.now < issuedAt + Self.lifetime,
            constantTimeEqual(Array(binding.hexadecimal.utf8), Array(bound))
        else { return nil }
        return Content(session: session, location: location, replaces: Array(replaces))
    }

    var clearing: String { cookies.cookie(cookies.ticketName).clearing }
}
