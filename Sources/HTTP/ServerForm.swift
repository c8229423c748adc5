import Locking

/// Where a server keeps what it made of a response that goes out many times, so that it is made once.
package final class ServerForm: Sendable {
    package typealias Content = AnyObject & Sendable

    private let content = Locked<(any Content)?>(nil)

    /// Nil until the response first goes out.
    package var made: (any Content)? { content.withLock { $0 } }

    package func keep(_ made: any Content) { content.withLock { $0 = made } }
}
