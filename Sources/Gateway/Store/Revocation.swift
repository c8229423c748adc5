import Marketplace

/// Ends sessions before they expire.
package struct Revocation: Sendable, Equatable {
    package enum Scope: Hashable, Sendable {
        case session(SessionID)
        case member(MemberKey)
        case installation(InstallationKey)
        case everything
    }

    package let scope: Scope
    /// Sessions issued up to and including this second are revoked; later logins are not. In seconds since 1970. Ignored
    /// for a single session, which is revoked whenever it was issued.
    package var issuedUpTo: Int64
    /// When every session that it covers has expired, so that it may be deleted. In seconds since 1970.
    package var until: Int64

    package init(scope: Scope, issuedUpTo: Int64, until: Int64) {
        self.scope = scope
        self.issuedUpTo = issuedUpTo
        self.until = until
    }

    package static func of(_ session: Session, now: Int64) -> Revocation {
        Revocation(scope: .session(session.id), issuedUpTo: now, until: session.expires)
    }

    /// Of every session of `scope` that was issued until `now`.
    package static func of(_ scope: Scope, now: Int64, lifetimes: SessionLifetimes) -> Revocation {
        Revocation(scope: scope, issuedUpTo: now, until: now.addingSaturated(lifetimes.absolute))
    }

    /// One revocation that covers what either covers.
    package func widened(by other: Revocation) -> Revocation {
        Revocation(scope: scope, issuedUpTo: max(issuedUpTo, other.issuedUpTo), until: max(until, other.until))
    }
}
