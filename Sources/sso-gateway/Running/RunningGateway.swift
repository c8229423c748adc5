import CurlHTTPClient
import Gateway
import HTTP
import Locking
import MicroHTTPServer
import Storage

/// The one place where everything is put together: store, client, product, listeners. Tests use it too.
final class RunningGateway: Sendable {
    /// A new configuration has these settings, which only a restart can change.
    struct NeedsRestart: Error { let settings: [String] }

    /// What a new configuration replaces.
    private struct Current: Sendable {
        let configuration: Configuration
        let gateway: Gateway
        /// Stops when the last request that uses it has its answer.
        let client: CurlHTTPClient
    }

    let publicListener: MicroHTTPServer
    let adminListener: MicroHTTPServer
    private let current: Locked<Current>
    private let publicHandler: ReplaceableHandler
    private let adminHandler: ReplaceableHandler
    private let front: @Sendable (Gateway) -> any HTTPHandler
    private let access: LiveStore
    private let following: Task<Void, Never>
    private let observability: Observability
    private let descriptors: DescriptorHealth

    /// Opens both listeners, or neither. `front` may put a handler before the gateway's own.
    init(
        _ configuration: Configuration, log: EventLog, metrics: Metrics = Metrics(), clock: Clock = .system,
        front: @escaping @Sendable (Gateway) -> any HTTPHandler = { $0 }
    ) async throws {
        try DescriptorLimit.raise(to: configuration.connections.total + Self.otherDescriptors)
        let descriptors = DescriptorHealth(log: log)
        let observability = Observability(log: log, metrics: metrics, clock: clock)
        let access = LiveStore(
            try configuration.store.open(), lifetimes: configuration.gateway.session, observability)
        let current = try Self.put(configuration, access, observability, descriptors)
        let (publicHandler, adminHandler) = (
            ReplaceableHandler(front(current.gateway)), ReplaceableHandler(current.gateway.admin)
        )
        let admin: MicroHTTPServer
        do {
            // Whoever was signed out before a restart is not let in by a listener that opened too early.
            try await access.load()
            var listener = ServerSettings(listen: configuration.adminListen)
            listener.maximumConnections = Self.adminConnections
            listener.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
            admin = try MicroHTTPServer.start(listener, handler: adminHandler)
        } catch {
            current.client.stop()
            await access.close()
            throw error
        }
        do {
            publicListener = try MicroHTTPServer.start(
                Self.settings(configuration, descriptors), handler: publicHandler)
        } catch {
            await admin.drainAndStop(within: .zero)
            current.client.stop()
            await access.close()
            throw error
        }
        adminListener = admin
        self.current = Locked(current)
        self.publicHandler = publicHandler
        self.adminHandler = adminHandler
        self.front = front
        self.access = access
        self.observability = observability
        self.descriptors = descriptors
        following = Task { await access.follow() }
        log.record(.listening, nil, ["address": "\(publicListener.boundAddress)"])
        log.record(.listening, nil, ["address": "\(adminListener.boundAddress)", "role": "admin"])
    }

    /// How long answers under way may take at a stop, by the newest configuration.
    var shutdownTimeout: Duration { current.withLock { $0.configuration.shutdownTimeout } }

    /// Puts a new configuration in the place of the running one, or throws and changes nothing. Listeners, connections,
    /// sessions and the store stay; requests under way are finished by the old one. Returns what changed, without secrets.
    func reload(_ configuration: Configuration) async throws -> [String] {
        let old = current.withLock { $0 }
        let change = ConfigurationChange(old: old.configuration, new: configuration)
        let fixed = change.needingRestart
        guard fixed.isEmpty else { throw NeedsRestart(settings: fixed) }
        let new = try Self.put(configuration, continuing: old.gateway, access, observability, descriptors)
        await new.gateway.takeKeys(of: old.gateway, now: observability.clock.unixSeconds())
        current.withLock { $0 = new }
        publicHandler.replace(with: front(new.gateway))
        adminHandler.replace(with: new.gateway.admin)
        return change.lines
    }

    private static func put(
        _ configuration: Configuration, continuing other: Gateway? = nil, _ access: LiveStore,
        _ observability: Observability, _ descriptors: DescriptorHealth
    ) throws -> Current {
        let client = try CurlHTTPClient(
            ClientSettings(caFile: configuration.caFile, userAgent: "sso-gateway/\(Versions.gateway)"))
        let gateway = Gateway(
            settings: configuration.gateway, keyRing: configuration.keyRing, access: access, client: client,
            continuing: other, observability, adminAccess: AdminAccess(token: configuration.adminToken),
            descriptors: descriptors, versions: Versions.all)
        return Current(configuration: configuration, gateway: gateway, client: client)
    }

    /// Takes nothing new, finishes what is under way, then stops.
    func stop(within limit: Duration) async {
        observability.log.record(.draining)
        await publicListener.drainAndStop(within: limit)
        await adminListener.drainAndStop(within: .seconds(1))
        current.withLock { $0.client }.stop()
        following.cancel()
        await following.value
        await access.close()
        observability.log.record(.stopped)
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
