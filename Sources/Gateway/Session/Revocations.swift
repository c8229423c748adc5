import Locking

/// Sessions that were ended before their time, kept until they would have ended anyway.
final class Revocations: Sendable {
    private struct Entries {
        var expiry: [SessionID: Int64] = [:]
        var nextSweep: Int64 = 0
    }

    /// Held for one dictionary look-up; a second event loop is the only one who could ever wait here.
    private let entries = Locked(Entries())
    private static let sweepInterval: Int64 = 60

    /// `until`: when the session ends by itself. In seconds since 1970.
    func revoke(_ id: SessionID, until: Int64, now: Int64) {
        entries.withLock { entries in
            if now >= entries.nextSweep {
                entries.expiry = entries.expiry.filter { $0.value > now }
                entries.nextSweep = now + Self.sweepInterval
            }
            entries.expiry[id] = until
        }
    }

    func isRevoked(_ id: SessionID) -> Bool {
        entries.withLock { $0.expiry.isEmpty ? false : $0.expiry[id] != nil }
    }
}
