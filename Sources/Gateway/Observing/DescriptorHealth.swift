import Locking

/// Whether the process has descriptors left for new connections. Each change is logged once and `/ready` reports it.
package final class DescriptorHealth: Sendable {
    private let isShort = Locked(false)
    private let log: EventLog

    package init(log: EventLog) { self.log = log }

    var isWell: Bool { isShort.withLock { !$0 } }

    package func report(isShort: Bool) {
        self.isShort.withLock { $0 = isShort }
        log.record(isShort ? .descriptorsShort : .descriptorsAvailable)
    }
}
