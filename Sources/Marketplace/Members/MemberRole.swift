/// A member's role, in the marketplace's words. An unknown role is refused.
package enum MemberRole: String, Sendable, CaseIterable {
    /// May install integrations.
    case admin = "ADMIN"
    /// All other members, read-only ones included.
    case user = "USER"
}
