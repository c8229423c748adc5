/// How new a member's role has to be. In seconds.
package struct MemberSettings: Sendable, Equatable {
    /// From this age on a decision has the role looked up again, and goes on with what it has.
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

    /// What a role that is too old is worth when the marketplace does not say anything newer.
    package enum WhenUnavailable: String, Sendable, CaseIterable {
        case keep, refuse
    }
}
