import HTTP
import SecretMemory

/// One request from its first line to its answer. Belongs to its loop's thread; a task that works on the answer hands
/// it back through the loop's queue.
final class RequestInProgress {
    enum Phase {
        /// The request line is there, the headers may not be.
        case head
        case body
        /// Suspended, while a task works.
        case waiting
        case answered
    }

    /// As on the wire, not decoded.
    let target: SecretBytes
    var phase = Phase.head
    /// With its head, but without its body.
    var read: HTTPRequest?
    /// Nil where none is to come.
    var body: ReceivedBody?
    /// What the task came to.
    var response: HTTPResponse?

    init(target: SecretBytes) { self.target = target }
}
