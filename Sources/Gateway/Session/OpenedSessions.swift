import HTTP
import Locking

/// A session as its cookie says it, opened once. What has changed since then is the live index's to tell.
final class OpenedSession: Sendable {
    let session: Session
    /// The text of the cookie.
    fileprivate let cookie: [UInt8]

    private struct Recent {
        var pass: Pass?
        /// What the live index said when it had changed so often.
        var standing: (changes: UInt64, standing: LiveIndex.Standing)?
    }

    private let recent = Locked(Recent())

    init(_ session: Session, cookie: ArraySlice<UInt8>) {
        self.session = session
        self.cookie = Array(cookie)
    }

    /// What the session was last let through with.
    var lastPass: Pass? { recent.withLock { $0.pass } }
    func keep(_ pass: Pass) { recent.withLock { $0.pass = pass } }

    /// What `index` knows of it; asked again only when anything has changed there.
    func standing(in index: LiveIndex) -> LiveIndex.Standing {
        // Read before the answer: at worst, the answer is newer.
        let changes = index.changes
        if let known = recent.withLock({ $0.standing }), known.changes == changes { return known.standing }
        let standing = index.standing(of: session)
        recent.withLock { $0.standing = (changes, standing) }
        return standing
    }

    fileprivate func isOf(_ cookie: ArraySlice<UInt8>) -> Bool {
        let own = self.cookie
        return SameBytes.areSame(own.span, cookie.span)
    }
}

/// Sessions opened lately, by their cookies: a page asks dozens of times for one person. That and the kept answers
/// (`Passes`) brought a decision from 15 to 9 µs of user time. Only genuine cookies come in, so nobody fills it who has no session.
///
/// Each cookie has one place; who comes later takes it over. Three kilobytes each, with the pass.
final class OpenedSessions: Sendable {
    static let maximumHeld = partCount * placesInPart
    private static let partCount = 64
    private static let placesInPart = 64

    /// A lock for each part: two threads hardly ever want the same.
    private let parts = (0..<partCount).map { _ in
        Locked([OpenedSession?](repeating: nil, count: placesInPart))
    }

    /// The session in `cookie`, if it was opened before or `open` opens it.
    func session(in cookie: ArraySlice<UInt8>, opening open: (ArraySlice<UInt8>) -> Session?) -> OpenedSession? {
        let number = Self.number(of: cookie)
        let part = parts[number / Self.placesInPart]
        let place = number % Self.placesInPart
        if let known = part.withLock({ $0[place] }), known.isOf(cookie) { return known }
        guard let session = open(cookie) else { return nil }
        let opened = OpenedSession(session, cookie: cookie)
        part.withLock { $0[place] = opened }
        return opened
    }

    /// Of the place, by the end of the seal's tag, which nobody can choose.
    private static func number(of cookie: ArraySlice<UInt8>) -> Int {
        let end = cookie.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
        // Letters have few different bits; multiplying spreads them (2⁶⁴ by the golden ratio).
        return Int((end &* 0x9e37_79b9_7f4a_7c15) >> 52)
    }
}
