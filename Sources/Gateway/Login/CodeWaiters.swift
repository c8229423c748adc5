import Locking

/// How many requests wait for the result of a code that another one exchanges. A person clicks a few times; each wait asks
/// the ledger several times a second, and one code sent a thousand times must not take the store from everybody else.
final class CodeWaiters: Sendable {
    static let maximumPerCode = 4
    static let maximumTogether = 256

    private let counts = Locked((byCode: [CodeDigest: Int](), together: 0))

    /// False where enough wait already. Whoever got true leaves again.
    func enter(_ digest: CodeDigest) -> Bool {
        counts.withLock { counts in
            guard counts.together < Self.maximumTogether, counts.byCode[digest, default: 0] < Self.maximumPerCode else {
                return false
            }
            counts.byCode[digest, default: 0] += 1
            counts.together += 1
            return true
        }
    }

    func leave(_ digest: CodeDigest) {
        counts.withLock { counts in
            counts.together -= 1
            let left = counts.byCode[digest, default: 1] - 1
            counts.byCode[digest] = left > 0 ? left : nil
        }
    }
}
