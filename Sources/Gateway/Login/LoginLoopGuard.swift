import HTTP

/// Counts in a sealed cookie how often something happened in this browser within five minutes, and says when that is a
/// loop. Three cookies: failed logins (three: the page offers a way out instead of another try), successful logins that
/// began at the app (three, and still no session: a loop as well), and spent codes that led to a fresh login (one).
struct LoginLoopGuard: Sendable {
    /// In seconds.
    static let window: Int64 = 300

    private let sealer: Sealer
    private let cookies: GatewayCookies
    private let name: String
    private let limit: Int
    private let associatedData: [UInt8]

    /// `name`: the cookie's. `limit`: how many within the window make a loop.
    init(ring: KeyRing, cookies: GatewayCookies, origin: WebOrigin, name: String, limit: Int = 3) {
        sealer = Sealer(ring, for: .flow)
        self.cookies = cookies
        self.name = name
        self.limit = limit
        associatedData = SessionSeal.context([self.name, origin.description])
    }

    /// Whether there have been enough for a loop.
    func isLoop(in request: HTTPRequest, now: Int64) -> Bool { recent(in: request, now: now).count >= limit }

    /// Counts one more: whether it makes a loop, and the `Set-Cookie` that remembers it.
    func add(to request: HTTPRequest, now: Int64) -> (isLoop: Bool, cookie: String) {
        let times = (recent(in: request, now: now) + [now]).suffix(limit)
        var writer = FieldWriter()
        for time in times { writer.put(time) }
        let value = sealer.seal(writer.bytes, authenticating: associatedData)
        let cookie = cookies.cookie(name).setting(value, maxAge: Self.window)
        return (times.count >= limit, cookie)
    }

    /// The `Set-Cookie` that forgets, where there is something to forget.
    func clearing(for request: HTTPRequest) -> String? {
        CookieHeader(request.headers)[name].map { _ in cookies.cookie(name).clearing }
    }

    private func recent(in request: HTTPRequest, now: Int64) -> [Int64] {
        guard let sealed = CookieHeader(request.headers)[name],
            let plaintext = sealer.open(sealed, authenticating: associatedData)
        else { return [] }
        var reader = FieldReader(plaintext)
        var times: [Int64] = []
        while let time = reader.time() { times.append(time) }
        return times.filter { now < $0 + Self.window }
    }
}
