import HTTP

/// How often logins failed in this browser lately, in a sealed cookie: three times in five minutes is a loop, and then
/// a page offers a way out instead of another round.
struct FailureCount: Sendable {
    static let loop = 3
    /// In seconds.
    static let window: Int64 = 300

    private let sealer: Sealer
    private let cookies: GatewayCookies
    private let context: [UInt8]

    init(ring: KeyRing, cookies: GatewayCookies, origin: WebOrigin) {
        sealer = Sealer(ring, for: .flow)
        self.cookies = cookies
        context = SessionSeal.context([cookies.failuresName, origin.description])
    }

    /// Counts one more failure: whether it makes a loop, and the `Set-Cookie` that remembers it.
    func add(to request: HTTPRequest, now: Int64) -> (isLoop: Bool, cookie: String) {
        let times = (recent(in: request, now: now) + [now]).suffix(Self.loop)
        var writer = FieldWriter()
        for time in times { writer.put(time) }
        let value = sealer.seal(writer.bytes, authenticating: context)
        let cookie = cookies.cookie(cookies.failuresName).setting(value, maxAge: Self.window)
        return (times.count >= Self.loop, cookie)
    }

    /// The `Set-Cookie` that forgets, where there is something to forget.
    func clearing(for request: HTTPRequest) -> String? {
        CookieHeader(request.headers)[cookies.failuresName].map { _ in cookies.cookie(cookies.failuresName).clearing }
    }

    private func recent(in request: HTTPRequest, now: Int64) -> [Int64] {
        guard let sealed = CookieHeader(request.headers)[cookies.failuresName],
            let plaintext = sealer.open(sealed, authenticating: context)
        else { return [] }
        var reader = FieldReader(plaintext)
        var times: [Int64] = []
        while let time = reader.number() { times.append(time) }
        return times.filter { now < $0 + Self.window }
    }
}
