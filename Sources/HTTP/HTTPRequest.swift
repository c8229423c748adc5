package import SecretMemory

/// A complete request that was checked for everything that makes a message ambiguous (RFC 9112): one valid Host, at most one
/// of each deciding header, one framing of the body.
package final class HTTPRequest: Sendable {
    package let method: HTTPMethod
    package let target: RequestTarget
    package let headers: HTTPHeaders
    package let body: SecretBytes
    package let peer: PeerAddress
    /// The user of the client's process, as the kernel reports it; only for a Unix socket.
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

/// The other end of a connection, from the socket and never from a header.
package enum PeerAddress: Hashable, Sendable {
    case ip(IPAddress)
    case unixSocket
}
