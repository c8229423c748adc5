/// A `Set-Cookie` value: host-only, for every path, not readable by scripts, and sent with other sites' requests only when a
/// person follows a link (`SameSite=Lax`). Clearing uses the same attributes: with others a browser keeps the cookie.
package struct SetCookie: Sendable {
    private let name: String
    private let isSecure: Bool

    /// `isSecure` must be true for a name that begins with `__Host-`, or browsers drop the cookie.
    package init(name: String, isSecure: Bool) {
        self.name = name
        self.isSecure = isSecure
    }

    /// `maxAge` in seconds.
    package func setting(_ value: String, maxAge: Int64) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(max(maxAge, 0)); HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
    }

    package var clearing: String { setting("", maxAge: 0) }
}
