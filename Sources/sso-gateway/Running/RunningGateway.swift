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
        /// Of the broker, whose calls must not take the connections that logins need; nil where there is none.
        let brokerClient: CurlHTTPClient?

        func stop() {
            client.stop()
            brokerClient?.stop()
        }
    }

    let publicListener: MicroHTTPServer
    let adminListener: MicroHTTPServer
    /// Nil where the configuration has no broker.
    let brokerListener: MicroHTTPServer?
    private let current: Locked<Current>
    private let publicHandler: ReplaceableHandler
    private let adminHandler: ReplaceableHandler
    private let brokerHandler: ReplaceableHandler?
    private let front: @Sendable (Gateway) -> any HTTPHandler
    private let access: LiveStore
    private let following: Task<Void, Never>
    private let observability: Observability
    private let descriptors: DescriptorHealth

    /// Opens all listeners, or none. `front` may put a handler before the gateway's own.
    init(
        _ configuration: Configuration, log: EventLog, metrics: Metrics = Metrics(), clock: Clock = .system,
        front: @escaping @Sendable (Gateway) -> any HTTPHandler = { $0 }
    ) async throws {
        try DescriptorLimit.raise(
            to: configuration.connections.total + Self.otherDescriptors
                + (configuration.brokerListen == nil ? 0 : 2 * Self.brokerConnections))
        let descriptors = DescriptorHealth(log: log)
        let observability = Observability(log: log, metrics: metrics, clock: clock)
        let access = LiveStore(
            try configuration.store.open(), lifetimes: configuration.gateway.session, observability)
        let current = try Self.put(configuration, access, observability, descriptors)
        let (publicHandler, adminHandler) = (
            ReplaceableHandler(front(current.gateway)), ReplaceableHandler(current.gateway.admin)
        )
        let brokerHandler = current.gateway.broker.map { ReplaceableHandler($0) }
        let admin: MicroHTTPServer
        do {
            // Whoever was signed out before a restart is not let in by a listener that opened too early.
            try await access.load()
            var listener = ServerSettings(listen: configuration.adminListen)
            listener.maximumConnections = Self.adminConnections
            listener.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
            admin = try MicroHTTPServer.start(listener, handler: adminHandler)
        } catch {
            current.stop()
            await access.close()
            throw error
        }
        var broker: MicroHTTPServer?
        do {
            if let listen = configuration.brokerListen, let brokerHandler {
                var listener = ServerSettings(listen: listen)
                listener.maximumConnections = Self.brokerConnections
                listener.maximumBody = Broker.maximumBody
                listener.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
                broker = try MicroHTTPServer.start(listener, handler: brokerHandler)
            }
            publicListener = try MicroHTTPServer.start(
                Self.settings(configuration, descriptors), handler: publicHandler)
        } catch {
            await broker?.drainAndStop(within: .zero)
            await admin.drainAndStop(within: .zero)
            current.stop()
            await access.close()
            throw error
        }
        adminListener = admin
        brokerListener = broker
        self.current = Locked(current)
        self.publicHandler = publicHandler
        self.adminHandler = adminHandler
        self.brokerHandler = brokerHandler
        self.front = front
        self.access = access
        self.observability = observability
        self.descriptors = descriptors
        following = Task { await access.follow() }
        log.record(.listening, nil, ["address": "\(publicListener.boundAddress)"])
        log.record(.listening, nil, ["address": "\(adminListener.boundAddress)", "role": "admin"])
        if let broker { log.record(.listening, nil, ["address": "\(broker.boundAddress)", "role": "broker"]) }
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
        // Both have a broker or neither: its address cannot have changed.
        if let broker = new.gateway.broker { brokerHandler?.replace(with: broker) }
        return change.lines
    }

    private static func put(
        _ configuration: Configuration, continuing other: Gateway? = nil, _ access: LiveStore,
        _ observability: Observability, _ descriptors: DescriptorHealth
    ) throws -> Current {
        func client(connections: Int) throws -> CurlHTTPClient {
            try CurlHTTPClient(
                ClientSettings(
                    caFile: configuration.caFile, userAgent: "sso-gateway/\(Versions.gateway)",
                    maximumConnectionsPerHost: connections))
        }
        let main = try client(connections: 256)
        let brokerClient: CurlHTTPClient?
        do {
            brokerClient = configuration.brokerListen == nil ? nil : try client(connections: brokerConnections / 2)
        } catch {
            main.stop()
            throw error
        }
        let gateway = Gateway(
            settings: configuration.gateway, keyRing: configuration.keyRing, access: access, client: main,
            continuing: other, observability, brokerClient: brokerClient,
            adminAccess: AdminAccess(token: configuration.adminToken),
            descriptors: descriptors, versions: Versions.all)
        return Current(configuration: configuration, gateway: gateway, client: main, brokerClient: brokerClient)
    }

    /// Takes nothing new, finishes what is under way, then stops.
    func stop(within limit: Duration) async {
        observability.log.record(.draining)
        async let brokerDrained: Void? = brokerListener?.drainAndStop(within: limit)
        await publicListener.drainAndStop(within: limit)
        _ = await brokerDrained
        await adminListener.drainAndStop(within: .seconds(1))
        current.withLock { $0 }.stop()
        following.cancel()
        await following.value
        await access.close()
        observability.log.record(.stopped)
    }

    private static let adminConnections = 64
    /// Half of them may wait for the marketplace at once, and each of those has a connection to it.
    private static let brokerConnections = 1024
    /// What needs descriptors beside the public listener's connections: the admin listener's connections, the client's
    /// to the marketplace (512 are kept open), the store, the log, the loops.
    private static let otherDescriptors = 768

    private static func settings(_ configuration: Configuration, _ descriptors: DescriptorHealth) -> ServerSettings {
        var settings = ServerSettings(listen: configuration.listen)
        settings.eventLoops = configuration.eventLoops
        settings.maximumConnections = configuration.connections.total
        settings.maximumConnectionsPerAddress = configuration.connections.perAddress
        // For the other listeners and the store.
        settings.reservedDescriptors =
            adminConnections + 16 + (configuration.brokerListen == nil ? 0 : 2 * brokerConnections)
        settings.reportShortDescriptors = { descriptors.report(isShort: $0) }
        settings.allowOldHTTPLibrary = configuration.allowOldHTTPLibrary
        return settings
    }
}
