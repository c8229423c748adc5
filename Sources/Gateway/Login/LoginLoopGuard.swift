import HTTP

/// Counts an event of this browser within five minutes in a sealed cookie, and detects a loop. Three cookies count failed
/// logins (three are a loop), successful logins that began at `/sso/start` (three without a lasting session), and spent
/// codes that were answered with a new login (one).
struct LoginLoopGuard: Sendable {
    /// In seconds.
    static let window: Int64 = 300

    private let sealer: Sealer
    private let cookies: GatewayCookies
    private let name: String
    private let limit: Int
    private let associatedData: [UInt8]

    /// `name`: of the cookie. `limit`: how many events within the window are a loop.
    init(ring: KeyRing, cookies: GatewayCookies, origin: WebOrigin, name: String, limit: Int) {
        sealer = Sealer(ring, for: .flow)
        self.cookies = cookies
        self.name = name
        self.limit = limit
        associatedData = SessionSeal.context([self.name, origin.description])
    }

    /// Whether the window holds enough events for a loop.
    func isLoop(in request: HTTPRequest, now: Int64) -> Bool { recent(in: request, now: now).count >= limit }

    /// Counts one more event: whether that is a loop, and the `Set-Cookie` with the new count.
    func add(to request: HTTPRequest, now: Int64) -> (isLoop: Bool, cookie: String) {
        let times = (recent(in: request, now: now) + [now]).suffix(limit)
        var writer = SealedFieldWriter()
        for time in times { writer.put(time) }
        let value = sealer.seal(writer.bytes, authenticating: associatedData)
        let cookie = cookies.cookie(name).setting(value, maxAge: Self.window)
        return (times.count >= limit, cookie)
    }

    /// The `Set-Cookie` that removes the count, where the browser has one.
    func clearing(for request: HTTPRequest) -> String? {
        CookieHeader(request.headers)[name].map { _ in cookies.cookie(name).clearing }
    }

    private func recent(in request: HTTPRequest, now: Int64) -> [Int64] {
        guard let sealed = CookieHeader(request.headers)[name],
            let plaintext = sealer.open(sealed, authenticating: associatedData)
        else { return [] }
        var reader = SealedFieldReader(plaintext)
        var times: [Int64] = []
        while let time = reader.time() { times.append(time) }
        return times.filter { now < $0 + Self.window }
    }
}
