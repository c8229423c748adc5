import Gateway
import MicroHTTPServer

/// How many connections each listener accepts, and how many descriptors that needs.
extension RunningGateway {
    static let adminConnections = 64
    /// Half of them may wait for the marketplace at the same time, each with a connection to it.
    static let brokerConnections = 1024
    /// Descriptors beside the public listener's connections: the admin listeners' connections, the client's connections
    /// to the marketplace (512 are kept open), the store, the log and the event loops.
    static let otherDescriptors = 768

    /// Whether other machines reach a listener of an old libmicrohttpd, which only `allow_old_http_library` permits.
    static func exposesOldLibrary(_ configuration: Configuration) -> Bool {
        [configuration.listen, configuration.adminListen].contains { address in
            (try? HTTPLibrary.check(for: address, allowOld: false)) == nil
        }
    }

    static func adminSettings(_ listen: ListenAddress, _ configuration: Configuration) -> ServerSettings {
        var settings = ServerSettings(listen: listen)
        settings.maximumConnections = adminConnections
        settings.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
        return settings
    }

    static func brokerSettings(_ listen: ListenAddress, _ configuration: Configuration) -> ServerSettings {
        var settings = ServerSettings(listen: listen)
        settings.maximumConnections = brokerConnections
        settings.maximumBody = Broker.maximumBody
        // The call of a server that has given up must not use one of the slots for calls.
        settings.cancelsForGoneClients = true
        settings.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
        return settings
    }

    static func publicSettings(_ configuration: Configuration, _ descriptors: DescriptorHealth)
        -> ServerSettings
    {
        var settings = ServerSettings(listen: configuration.listen)
        settings.eventLoops = configuration.eventLoops
        settings.maximumConnections = configuration.connections.total
        settings.maximumConnectionsPerAddress = configuration.connections.perAddress
        // Reserved for the other listeners and the store.
        settings.reservedDescriptors =
            2 * adminConnections + 16 + (configuration.brokerListen == nil ? 0 : 2 * brokerConnections)
        settings.reportShortDescriptors = { descriptors.report(isShort: $0) }
        settings.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
        return settings
    }
}
