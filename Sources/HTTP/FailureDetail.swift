import Locking

/// Why a request had no response, in the words of the client's library: for logs and people, never for a decision.
///
/// Not part of `HTTPClientError`: the words change between versions of the library, and errors are compared.
package final class FailureDetail: Sendable {
    private let content = Locked("")

    package init() {}

    /// At most 200 visible ASCII characters; empty where there is nothing to add to the error.
    package var text: String { content.withLock { $0 } }

    package func set(_ text: String) { content.withLock { $0 = text } }
}
