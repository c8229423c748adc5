package import SecretMemory

/// A request as it reached one of our listeners, whole and already checked for everything that makes a message
/// ambiguous (RFC 9112): one valid Host, at most one of each header that decides anything, one framing of the body.
///
/// One object, so that handing it on is counted once and not for each of its parts.
package final class HTTPRequest: Sendable {
    package let method: HTTPMethod
    package let target: RequestTarget
    package let headers: HTTPHeaders
    package let body: SecretBytes
    package let peer: PeerAddress
    /// Whose process opened the connection, by the kernel's word: of a Unix socket alone.
    package let peerUserID: UInt32?

    package init(
        method: HTTPMethod, target: RequestTarget, headers: HTTPHeaders, body: SecretBytes, peer: PeerAddress,
        peerUserID: UInt32? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.peer = peer
        self.peerUserID = peerUserID
    }

    package func with(_ body: SecretBytes) -> HTTPRequest {
        HTTPRequest(method: method, target: target, headers: headers, body: body, peer: peer, peerUserID: peerUserID)
    }
}

/// Who is at the other end of a connection: the socket's own word, never a header's.
package enum PeerAddress: Hashable, Sendable {
    case ip(IPAddress)
    case unixSocket
}
