import HTTP

/// Headers that decide something: they come once, and in one spelling. `X-Forwarded-For` is a list by nature but ours
/// to read, so it too.
enum DecidingHeaders {
    private static let names = HeaderNames([
        "host", "cookie", "content-length", "transfer-encoding", "content-type", "content-encoding", "authorization",
        "origin", "referer", "upgrade", "expect", "idempotency-key", "x-requested-with", "forwarded", "traceparent",
    ])
    private static let families = HeaderNames([
        "x-forwarded-", "x-original-", "x-vercel-", "sec-fetch-", "x-auth-", "x-sso-",
    ])

    static let condition = HeaderCondition { names.contains($0) || families.containsBeginning(of: $0) }
}
