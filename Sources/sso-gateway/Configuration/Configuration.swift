import Gateway
import HTTP
import MicroHTTPServer
import SecretMemory

/// Everything one gateway process is told: the product's settings and what only the process needs.
struct Configuration: Sendable {
    var gateway: GatewaySettings
    var listen: ListenAddress
    var adminListen: ListenAddress
    /// A Unix socket that answers as the admin listener does; nil for none.
    var adminSocket: ListenAddress?
    /// What programs have to show on the admin listeners; nil where only a Unix socket answers `/admin/`.
    var adminToken: SecretBytes?
    /// Nil for no broker. What its clients may do is in `gateway`.
    var brokerListen: ListenAddress?
    var keyRing: KeyRing
    /// For messages.
    var keyRingPath: String
    var store = StoreSetting.memory
    /// A private certificate authority for the marketplace's addresses, PEM.
    var caFile: String?
    var shutdownTimeout: Duration
    var eventLoops: Int
    var connections: ConnectionLimits
    var allowOldHTTPLibrary: Bool

    struct ConnectionLimits: Sendable, Equatable {
        var total = 4096
        var perAddress: Int? = 64
    }
}
