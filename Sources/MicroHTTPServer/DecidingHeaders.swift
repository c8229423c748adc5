import HTTP

/// Headers that decide something: they come once, and in one spelling. `X-Forwarded-For` is a list by nature but ours
/// to read, so it too.
enum DecidingHeaders {
    private static let names = [
        "host", "cookie", "content-length", "transfer-encoding", "content-type", "content-encoding", "authorization",
        "origin", "referer", "upgrade", "expect", "idempotency-key", "x-requested-with", "forwarded", "traceparent",
    ]
    private static let prefixes = ["x-forwarded-", "x-original-", "x-vercel-", "sec-fetch-", "x-auth-", "x-sso-"]

    static func contains(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first.map(HTTPHeaders.lowered) else { return false }
        // Every prefix begins with one of these two.
        if first == UInt8(ascii: "x") || first == UInt8(ascii: "s") {
            for prefix in prefixes where HTTPHeaders.equal(name.prefix(prefix.utf8.count), prefix) { return true }
        }
        for candidate in names where HTTPHeaders.equal(name, candidate) { return true }
        return false
    }
}
