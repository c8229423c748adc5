import HTTP
import Locking
import Synchronization

/// Open connections per client address, over all loops. A /64 of IPv6 counts as one address: one host has all of it.
final class AddressCounts: Sendable {
    private let limit: Int?
    private let counts = Locked([IPAddress: Int]())
    private let open = Atomic<Int>(0)

    /// Of all addresses.
    var total: Int { open.load(ordering: .relaxed) }

    init(limit: Int?) { self.limit = limit }

    func mayOpen(_ peer: PeerAddress) -> Bool {
        guard let limit, let address = limited(peer) else { return true }
        return counts.withLock { $0[address, default: 0] < limit }
    }

    func opened(_ peer: PeerAddress) {
        open.wrappingAdd(1, ordering: .relaxed)
        if let address = limited(peer) { counts.withLock { $0[address, default: 0] += 1 } }
    }

    func closed(_ peer: PeerAddress) {
        open.wrappingSubtract(1, ordering: .relaxed)
        guard let address = limited(peer) else { return }
        counts.withLock { counts in
            let left = counts[address, default: 1] - 1
            counts[address] = left == 0 ? nil : left
        }
    }

    /// Loopback has no limit: a proxy on this machine opens many connections.
    private func limited(_ peer: PeerAddress) -> IPAddress? {
        if case .ip(let address) = peer, limit != nil, !address.isLoopback { address.client } else { nil }
    }
}
