package import HTTP

/// Peers that may send decision requests and whose `X-Forwarded-For` is trusted. Unix sockets always are.
package struct TrustedProxies: Sendable {
    private let networks: [IPNetwork]

    package init(_ networks: [IPNetwork]) { self.networks = networks }

    func contain(_ peer: PeerAddress) -> Bool {
        switch peer {
        case .unixSocket: true
        case .ip(let address): networks.contains { $0.contains(address) }
        }
    }
}
