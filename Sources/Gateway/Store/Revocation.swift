import Marketplace

/// Sessions that end before their time.
package struct Revocation: Sendable, Equatable {
    package enum Scope: Hashable, Sendable {
        case session(SessionID)
        case member(MemberKey)
        case installation(InstallationKey)
        case everything
    }

    package let scope: Scope
    /// Sessions issued up to and including this second are over; later logins stand by themselves. In seconds since
    /// 1970. Without meaning for a single session, which is over whenever it was issued.
    package var issuedUpTo: Int64
    /// From when nobody needs to know any more, because every session it speaks of has ended by itself. In seconds since
    /// 1970.
    package var until: Int64

    package init(scope: Scope, issuedUpTo: Int64, until: Int64) {
        self.scope = scope
        self.issuedUpTo = issuedUpTo
        self.until = until
    }

    /// Ends one session.
    package static func of(_ session: Session, now: Int64) -> Revocation {
        Revocation(scope: .session(session.id), issuedUpTo: now, until: session.expires)
    }

    /// Ends every session of `scope` that was issued until `now`.
    package static func of(_ scope: Scope, now: Int64, lifetimes: SessionLifetimes) -> Revocation {
        Revocation(scope: scope, issuedUpTo: now, until: now.addingSaturated(lifetimes.absolute))
    }

    /// Both in one.
    package func widened(by other: Revocation) -> Revocation {
        Revocation(scope: scope, issuedUpTo: max(issuedUpTo, other.issuedUpTo), until: max(until, other.until))
    }
}
