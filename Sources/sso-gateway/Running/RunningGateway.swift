import CurlHTTPClient
import Gateway
import HTTP
import MicroHTTPServer

/// The one place where everything is put together: client, product, listeners. Tests use it too.
struct RunningGateway {
    let publicListener: MicroHTTPServer
    let adminListener: MicroHTTPServer
    private let client: CurlHTTPClient
    private let log: EventLog

    /// Opens both listeners, or neither. `front` may put a handler before the gateway's own.
    init(
        _ configuration: Configuration, log: EventLog, clock: Clock = .system,
        front: (Gateway) -> any HTTPHandler = { $0 }
    ) async throws {
        let settings = ClientSettings(caFile: configuration.caFile, userAgent: "sso-gateway/\(Versions.gateway)")
        client = try CurlHTTPClient(settings)
        let gateway = Gateway(
            settings: configuration.gateway, keyRing: configuration.keyRing, client: client, clock: clock, log: log,
            versions: Versions.all)
        self.log = log
        adminListener = try MicroHTTPServer.start(
            ServerSettings(listen: configuration.adminListen), handler: gateway.admin)
        do {
            publicListener = try MicroHTTPServer.start(Self.settings(configuration), handler: front(gateway))
        } catch {
            await adminListener.drainAndStop(within: .zero)
            client.stop()
            throw error
        }
        log.record(.listening, nil, ["address": "\(publicListener.boundAddress)"])
        log.record(.listening, nil, ["address": "\(adminListener.boundAddress)", "role": "admin"])
    }

    /// Takes nothing new, finishes what is under way, then stops.
    func stop(within limit: Duration) async {
        log.record(.draining)
        await publicListener.drainAndStop(within: limit)
        await adminListener.drainAndStop(within: .seconds(1))
        client.stop()
        log.record(.stopped)
    }

    private static func settings(_ configuration: Configuration) -> ServerSettings {
        var settings = ServerSettings(listen: configuration.listen)
        settings.eventLoops = configuration.eventLoops
        settings.maximumConnections = configuration.connections.total
        settings.maximumConnectionsPerAddress = configuration.connections.perAddress
        settings.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
        return settings
    }
}
