import Locking

/// What `/ready` reports of the process around the gateway.
package struct ProcessHealth: Sendable {
    package let descriptors: DescriptorHealth
    package let drain = DrainState()
    /// Other machines reach a listener of a libmicrohttpd with published faults (`allow_old_http_library`).
    package let hasOldLibrary: Bool

    package init(descriptors: DescriptorHealth, hasOldLibrary: Bool) {
        self.descriptors = descriptors
        self.hasOldLibrary = hasOldLibrary
    }
}

/// Whether the process stops: a load balancer must send no new requests.
package final class DrainState: Sendable {
    private let hasBegun = Locked(false)

    var isDraining: Bool { hasBegun.withLock { $0 } }

    package func begin() { hasBegun.withLock { $0 = true } }
}
