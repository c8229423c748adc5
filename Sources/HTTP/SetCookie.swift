/// A cookie as we set it: host-only, for every path, out of reach of scripts, not sent by other sites' requests except
/// when a person follows a link (`SameSite=Lax`). Clearing one uses the same attributes, because a browser keeps a
/// cookie whose clearing differs.
package struct SetCookie: Sendable {
    private let name: String
    private let isSecure: Bool

    /// A name that begins with `__Host-` must be `isSecure`, or browsers drop it.
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
