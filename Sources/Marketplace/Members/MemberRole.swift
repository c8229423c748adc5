/// What a member may do, in the marketplace's own words. There is no third role: an unknown one is refused.
package enum MemberRole: String, Sendable, CaseIterable {
    /// May install integrations.
    case admin = "ADMIN"
    /// Everybody else, read-only members included.
    case user = "USER"
}
