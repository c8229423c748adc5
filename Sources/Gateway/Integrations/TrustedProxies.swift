package import HTTP

/// Peers that may ask for decisions and whose `X-Forwarded-For` is believed. Unix sockets always are.
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
