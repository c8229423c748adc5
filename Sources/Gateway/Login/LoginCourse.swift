/// How a login came to its callback, and where it leads.
struct LoginCourse: Sendable {
    /// Names the flow that began at `/sso/start`; nil for a login that began elsewhere.
    var flow: String?
    var deepLink = DeepLink([:])
    /// The target with which a standard login was initiated; empty for none.
    var target = ""
    /// The `Set-Cookie` that removes a standard login's own flow; nil for other logins.
    var endOfStandardFlow: String?
}
