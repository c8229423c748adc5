import CMicroHTTPD
import Glibc
import Locking

/// The limit of open descriptors of this process.
package enum DescriptorLimit {
    /// Raises the limit to `needed`: many systems start a program with 1,024.
    package static func raise(to needed: Int) throws(ServerStartError) {
        guard gateway_descriptor_limit() < needed else { return }
        guard gateway_set_descriptor_limit(UInt64(needed)) else {
            throw .fewDescriptors(needed: needed, highest: Int(clamping: gateway_highest_descriptor_limit()))
        }
    }
}

/// Reserves descriptors for the rest of the process, and reports a shortage. The kernel gives the lowest free number, so a
/// number near the limit means that few are left.
final class DescriptorWatch: Sendable {
    private let reserved: Int
    private let report: @Sendable (Bool) -> Void
    private let isShort = Locked(false)

    init(reserved: Int, report: @escaping @Sendable (Bool) -> Void) {
        self.reserved = reserved
        self.report = report
    }

    /// Whether a new connection's descriptor is a reserved one.
    func isReserved(_ descriptor: Int32) -> Bool { Int(descriptor) >= limit - reserved }

    private var limit: Int { Int(clamping: gateway_descriptor_limit()) }

    /// To be called several times a second; `descriptor` is any open one.
    func check(with descriptor: Int32) {
        let next = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        if next >= 0 { close(next) }
        isShort.withLock { isShort in
            // The shortage ends only with some free beyond the reserved ones: else every closed connection would be
            // reported.
            let isShortNow = next < 0 || Int(next) >= limit - (isShort ? 2 * reserved : reserved)
            guard isShortNow != isShort else { return }
            isShort = isShortNow
            report(isShortNow)
        }
    }
}
