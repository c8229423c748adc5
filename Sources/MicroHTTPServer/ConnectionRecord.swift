import CMicroHTTPD
import Glibc
import HTTP
import SecretMemory

/// What we know of one connection beyond libmicrohttpd: its peer, its deadline, and the request that is under way on it,
/// from its first line to its answer. Made when the connection starts, and found through the library's socket context.
/// Belongs to its loop's thread; a task that works on the answer hands it back through the loop's queue.
///
/// One object for all requests: making one for each was a thirtieth of a decision's instructions.
final class ConnectionRecord {
    let descriptor: Int32
    let peer: PeerAddress
    /// See `HTTPRequest.peerUserID`.
    let peerUserID: UInt32?
    /// In nanoseconds of the monotonic clock; `.max` while we are the ones who work.
    var deadline: UInt64
    /// Since when a request's complete head is awaited, in the same measure; `.max` while a request is under way.
    var waitsSince: UInt64
    /// Whether one has come before.
    private(set) var hasSentHead = false

    enum Phase {
        /// The request line is there, the headers may not be.
        case head
        case body
        /// Suspended, while a task works.
        case waiting
        case answered
    }

    var phase = Phase.answered
    /// Whether a request is under way.
    private(set) var isOpen = false
    /// How many requests have begun.
    private(set) var count: UInt64 = 0
    /// The request's target as on the wire, not decoded, until its head is read.
    let target = SecretBuffer()
    /// The request with its head, but without its body.
    var read: HTTPRequest?
    /// Nil where none is to come.
    var body: ReceivedBody?
    /// What works on the answer, where the client's leaving cancels it.
    var task: Task<Void, Never>?
    /// What the task came to.
    var response: HTTPResponse?

    init(descriptor: Int32, peer: PeerAddress, opened: UInt64, deadline: UInt64) {
        self.descriptor = descriptor
        self.peer = peer
        peerUserID = peer == .unixSocket ? UInt32(exactly: gateway_peer_user(descriptor)) : nil
        self.deadline = deadline
        waitsSince = opened
    }

    /// A request's line has come.
    func begin(_ target: UnsafeRawBufferPointer) {
        unsafe self.target.fill(target)
        count += 1
        isOpen = true
        phase = .head
    }

    /// The request's head is complete.
    func headCompleted() {
        waitsSince = .max
        hasSentHead = true
    }

    /// The request is answered, or given up.
    func end(now: UInt64) {
        waitsSince = now
        target.cleanse()
        isOpen = false
        (read, body, task, response) = (nil, nil, nil, nil)
        phase = .answered
    }

    /// Ends a connection that was too slow: libmicrohttpd sees its end and cleans up.
    func drop() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
