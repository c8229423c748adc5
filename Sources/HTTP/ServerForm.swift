import Locking

/// Where a server keeps what it made of a response that goes out many times, so that it is made once a second: the date
/// is part of it.
package final class ServerForm: Sendable {
    package typealias Content = AnyObject & Sendable

    private struct Made {
        let content: any Content
        let second: Int
    }

    private let made = Locked<Made?>(nil)

    /// What was made in this second, counted since 1970.
    package func made(in second: Int) -> (any Content)? {
        made.withLock { made in
            guard let made, made.second == second else { return nil }
            return made.content
        }
    }

    package func keep(_ content: any Content, madeIn second: Int) {
        made.withLock { $0 = Made(content: content, second: second) }
    }
}
