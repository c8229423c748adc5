import CurlHTTPClient
import Gateway
import HTTP
import MicroHTTPServer
import SecretMemory

/// The settings of one gateway process: the product's, and those of its listeners, files and store.
package struct Configuration: Sendable {
    var gateway: GatewaySettings
    var listen: ListenAddress
    var adminListen: ListenAddress
    /// A Unix socket that answers as the admin listener does; nil for none.
    var adminSocket: ListenAddress?
    /// The bearer token of the admin listeners; nil if only a Unix socket answers `/admin/`.
    var adminToken: SecretBytes?
    /// Nil without a broker. `gateway` has the broker's clients.
    var brokerListen: ListenAddress?
    var keyRing: KeyRing
    /// For messages only.
    var keyRingPath: String
    /// Of the regions' common ring; nil without regions.
    var regionRingPath: String?
    var store = StoreSetting.memory
    /// A private certificate authority for connections to the marketplace, PEM.
    var caFile: String?
    /// Nil for direct connections.
    var proxy: ForwardProxy?
    var shutdownTimeout: Duration
    /// Between a stop's signal and the listeners' close: the time that a load balancer needs to see `/ready`.
    var shutdownDelay = Duration.zero
    var eventLoops: Int
    var connections: ConnectionLimits
    var allowOldHTTPLibrary: Bool
    /// For messages only.
    var branding = BrandingFiles()
    var form = FileForm()

    /// What a reload compares to recognise a file that was cut off.
    struct FileForm: Sendable, Equatable {
        /// The keys at the file's top level.
        var keys: Set<String> = []
        /// Whether the last line is `...`, the end of a YAML document.
        var hasEndMarker = false
    }

    struct ConnectionLimits: Sendable, Equatable {
        var total = 4096
        var perAddress: Int? = 64
    }
}
