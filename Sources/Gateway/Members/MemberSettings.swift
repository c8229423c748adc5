/// How old a member's role may be. In seconds.
package struct MemberSettings: Sendable, Equatable {
    /// From this age on a decision starts a look-up, and uses the known role.
    package var refresh: Int64
    /// From this age on a decision waits for the look-up.
    package var maximumAge: Int64
    package var whenUnavailable: WhenUnavailable

    package init(
        refresh: Int64 = 5 * 60, maximumAge: Int64 = 3600, whenUnavailable: WhenUnavailable = .keep
    ) {
        self.refresh = refresh
        self.maximumAge = maximumAge
        self.whenUnavailable = whenUnavailable
    }

    /// Whether a role beyond `maximumAge` is used when a look-up fails.
    package enum WhenUnavailable: String, Sendable, CaseIterable {
        case keep, refuse
    }
}
