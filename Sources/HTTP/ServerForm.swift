import Locking

/// Keeps the HTTP library's object for a response that is sent many times.
///
/// Measured with Tests/Benchmarks/instructions: without it a signed-in decision takes 73,700 instructions instead of 52,600, a
/// refused one 44,300 instead of 33,700.
package final class ServerForm: Sendable {
    package typealias Content = AnyObject & Sendable

    private let kept = Locked<(any Content)?>(nil)

    package init() {}

    package var content: (any Content)? { kept.withLock { $0 } }

    package func keep(_ content: any Content) { kept.withLock { $0 = content } }
}
