import CurlHTTPClient
import Gateway
import HTTP
import MicroHTTPServer
import Storage

/// The one place where everything is put together: store, client, product, listeners. Tests use it too.
struct RunningGateway {
    let publicListener: MicroHTTPServer
    let adminListener: MicroHTTPServer
    private let client: CurlHTTPClient
    private let access: LiveStore
    private let following: Task<Void, Never>
    private let log: EventLog

    /// Opens both listeners, or neither. `front` may put a handler before the gateway's own.
    init(
        _ configuration: Configuration, log: EventLog, metrics: Metrics = Metrics(), clock: Clock = .system,
        front: (Gateway) -> any HTTPHandler = { $0 }
    ) async throws {
        try DescriptorLimit.raise(to: configuration.connections.total + Self.otherDescriptors)
        let descriptors = DescriptorHealth(log: log)
        let observability = Observability(log: log, metrics: metrics, clock: clock)
        let access = LiveStore(
            try configuration.store.open(), lifetimes: configuration.gateway.session, observability)
        let client = try CurlHTTPClient(
            ClientSettings(caFile: configuration.caFile, userAgent: "sso-gateway/\(Versions.gateway)"))
        let gateway = Gateway(
            settings: configuration.gateway, keyRing: configuration.keyRing, access: access, client: client,
            observability, adminAccess: AdminAccess(token: configuration.adminToken),
            descriptors: descriptors, versions: Versions.all)
        let admin: MicroHTTPServer
        do {
            // Whoever was signed out before a restart is not let in by a listener that opened too early.
            try await access.load()
            var listener = ServerSettings(listen: configuration.adminListen)
            listener.maximumConnections = Self.adminConnections
            listener.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
            admin = try MicroHTTPServer.start(listener, handler: gateway.admin)
        } catch {
            client.stop()
            await access.close()
            throw error
        }
        do {
            publicListener = try MicroHTTPServer.start(
                Self.settings(configuration, descriptors), handler: front(gateway))
        } catch {
            await admin.drainAndStop(within: .zero)
            client.stop()
            await access.close()
            throw error
        }
        adminListener = admin
        self.client = client
        self.access = access
        self.log = log
        following = Task { await access.follow() }
        log.record(.listening, nil, ["address": "\(publicListener.boundAddress)"])
        log.record(.listening, nil, ["address": "\(adminListener.boundAddress)", "role": "admin"])
    }

    /// Takes nothing new, finishes what is under way, then stops.
    func stop(within limit: Duration) async {
        log.record(.draining)
        await publicListener.drainAndStop(within: limit)
        await adminListener.drainAndStop(within: .seconds(1))
        client.stop()
        following.cancel()
        await following.value
        await access.close()
        log.record(.stopped)
    }

    private static let adminConnections = 64
    /// What needs descriptors beside the public listener's connections: the admin listener's connections, the client's
    /// to the marketplace (512 are kept open), the store, the log, the loops.
    private static let otherDescriptors = 768

    private static func settings(_ configuration: Configuration, _ descriptors: DescriptorHealth) -> ServerSettings {
        var settings = ServerSettings(listen: configuration.listen)
        settings.eventLoops = configuration.eventLoops
        settings.maximumConnections = configuration.connections.total
        settings.maximumConnectionsPerAddress = configuration.connections.perAddress
        // For the admin listener and the store.
        settings.descriptorsKept = adminConnections + 16
        settings.reportShortDescriptors = { descriptors.report(isShort: $0) }
        settings.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
        return settings
    }
}
