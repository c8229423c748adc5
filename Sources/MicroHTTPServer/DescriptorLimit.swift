import CMicroHTTPD
import Glibc
import Locking

/// How many descriptors this process may have open.
package enum DescriptorLimit {
    /// Raises the limit where it is lower than `needed`: many systems start a program with 1,024.
    package static func raise(to needed: Int) throws(ServerStartError) {
        guard gateway_descriptor_limit() < needed else { return }
        guard gateway_set_descriptor_limit(UInt64(needed)) else {
            throw .fewDescriptors(needed: needed, highest: Int(clamping: gateway_highest_descriptor_limit()))
        }
    }
}

/// Keeps descriptors for others than one server's connections, and reports when they run short. The kernel gives the
/// lowest free number, so a number near the limit says that few are left.
final class DescriptorWatch: Sendable {
    private let kept: Int
    private let report: @Sendable (Bool) -> Void
    private let isShort = Locked(false)

    init(kept: Int, report: @escaping @Sendable (Bool) -> Void) {
        self.kept = kept
        self.report = report
    }

    /// Whether a new connection's descriptor is one of those for others.
    func isKept(_ descriptor: Int32) -> Bool { Int(descriptor) >= limit - kept }

    private var limit: Int { Int(clamping: gateway_descriptor_limit()) }

    /// To be called several times a second; `descriptor` is any open one.
    func look(from descriptor: Int32) {
        let next = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        if next >= 0 { close(next) }
        isShort.withLock { isShort in
            // Some have to be free beyond those that are kept, or every connection that ends would be news.
            let isShortNow = next < 0 || Int(next) >= limit - (isShort ? 2 * kept : kept)
            guard isShortNow != isShort else { return }
            isShort = isShortNow
            report(isShortNow)
        }
    }
}
