/// How a login came to its callback, and where it leads.
struct LoginCourse: Sendable, Equatable {
    /// Names the flow that began at `/sso/start`; nil for a login that began elsewhere.
    var flow: String?
    var deepLink = DeepLink([:])
    /// The target with which a standard login was initiated; empty for none.
    var target = ""
    /// Whether a gateway began it (`/sso/start`, or a standard login). Only such logins can repeat without a click. A flow
    /// cookie that is found here shows it too.
    var isInitiated = false
    /// The `Set-Cookie` that removes the cookie of a standard login or of a hand-over; nil for other logins.
    var endOfOwnFlow: String?
}
