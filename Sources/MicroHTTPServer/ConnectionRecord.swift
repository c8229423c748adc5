import CMicroHTTPD
import Glibc
import HTTP
import SecretMemory

/// A connection's peer, deadline and open request. Made when the connection starts, and found through libmicrohttpd's socket
/// context. Only the loop's thread touches it; a task returns its answer through the loop's inbox.
final class ConnectionRecord {
    let descriptor: Int32
    let peer: PeerAddress
    /// See `HTTPRequest.peerUserID`.
    let peerUserID: UInt32?
    /// In nanoseconds of the monotonic clock; `.max` while the handler works.
    var deadline: UInt64
    /// The start of the wait for a complete head, in monotonic nanoseconds; `.max` while a request is open.
    var waitsSince: UInt64
    /// Whether a complete head has come before.
    private(set) var hasSentHead = false

    enum Phase {
        /// The request line was read, the headers may not be.
        case head
        case body
        /// Suspended, while a task works.
        case waiting
        case answered
    }

    var phase = Phase.answered
    /// Whether a request is open.
    private(set) var isOpen = false
    /// The number of requests that have begun.
    private(set) var count: UInt64 = 0
    /// The request's raw target, until its head is read.
    let target = SecretBuffer()
    /// With an empty body, once the head is read.
    var request: HTTPRequest?
    /// Nil for a request without a body.
    var body: ReceivedBody?
    /// The task of the request, if the server cancels it when the client leaves.
    var task: Task<Void, Never>?
    /// The answer of the task.
    var response: HTTPResponse?

    init(descriptor: Int32, peer: PeerAddress, opened: UInt64, deadline: UInt64) {
        self.descriptor = descriptor
        self.peer = peer
        peerUserID = peer == .unixSocket ? UInt32(exactly: gateway_peer_user(descriptor)) : nil
        self.deadline = deadline
        waitsSince = opened
    }

    /// A request's line was read.
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

    /// The request was answered or dropped.
    func end(now: UInt64) {
        waitsSince = now
        target.cleanse()
        isOpen = false
        (request, body, task, response) = (nil, nil, nil, nil)
        phase = .answered
    }

    /// Shuts the connection down; libmicrohttpd sees the end and closes it.
    func drop() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
