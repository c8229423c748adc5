import HTTP

/// How often logins failed in this browser lately, in a sealed cookie: three times in five minutes is a loop, and then
/// a page offers a way out instead of another round. Under a name of its own, also how often logins succeeded that began
/// at the app: three of those, and still nobody is signed in, are a loop as well; and whether a spent code has led to a
/// fresh login already.
struct FailureCount: Sendable {
    /// In seconds.
    static let window: Int64 = 300

    private let sealer: Sealer
    private let cookies: GatewayCookies
    private let name: String
    private let limit: Int
    private let context: [UInt8]

    /// `limit`: how many within the window make a loop.
    init(ring: KeyRing, cookies: GatewayCookies, origin: WebOrigin, name: String? = nil, limit: Int = 3) {
        sealer = Sealer(ring, for: .flow)
        self.cookies = cookies
        self.name = name ?? cookies.failuresName
        self.limit = limit
        context = SessionSeal.context([self.name, origin.description])
    }

    /// Whether there have been enough for a loop.
    func isLoop(in request: HTTPRequest, now: Int64) -> Bool { recent(in: request, now: now).count >= limit }

    /// Counts one more: whether it makes a loop, and the `Set-Cookie` that remembers it.
    func add(to request: HTTPRequest, now: Int64) -> (isLoop: Bool, cookie: String) {
        let times = (recent(in: request, now: now) + [now]).suffix(limit)
        var writer = FieldWriter()
        for time in times { writer.put(time) }
        let value = sealer.seal(writer.bytes, authenticating: context)
        let cookie = cookies.cookie(name).setting(value, maxAge: Self.window)
        return (times.count >= limit, cookie)
    }

    /// The `Set-Cookie` that forgets, where there is something to forget.
    func clearing(for request: HTTPRequest) -> String? {
        CookieHeader(request.headers)[name].map { _ in cookies.cookie(name).clearing }
    }

    private func recent(in request: HTTPRequest, now: Int64) -> [Int64] {
        guard let sealed = CookieHeader(request.headers)[name],
            let plaintext = sealer.open(sealed, authenticating: context)
        else { return [] }
        var reader = FieldReader(plaintext)
        var times: [Int64] = []
        while let time = reader.time() { times.append(time) }
        return times.filter { now < $0 + Self.window }
    }
}
