import Locking

/// How many requests wait for the result of a code that another one exchanges. A person clicks a few times; each wait asks
/// the ledger several times a second, and one code sent a thousand times must not take the store from everybody else.
final class CodeWaiters: Sendable {
    static let maximumPerCode = 4
    static let maximumTogether = 256

    private let counts = Locked((byCode: [CodeMark: Int](), together: 0))

    /// False where enough wait already. Whoever got true leaves again.
    func enter(_ mark: CodeMark) -> Bool {
        counts.withLock { counts in
            guard counts.together < Self.maximumTogether, counts.byCode[mark, default: 0] < Self.maximumPerCode else {
                return false
            }
            counts.byCode[mark, default: 0] += 1
            counts.together += 1
            return true
        }
    }

    func leave(_ mark: CodeMark) {
        counts.withLock { counts in
            counts.together -= 1
            let left = counts.byCode[mark, default: 1] - 1
            counts.byCode[mark] = left > 0 ? left : nil
        }
    }
}
