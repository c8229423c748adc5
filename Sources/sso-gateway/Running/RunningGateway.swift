import CurlHTTPClient
import Gateway
import HTTP
import Locking
import MicroHTTPServer
import Storage

/// The process's composition root: store, clients, product and listeners. Tests start the gateway with it too.
final class RunningGateway: Sendable {
    /// The new configuration changes settings that need a restart.
    struct NeedsRestart: Error { let settings: [String] }

    /// The new configuration's file lacks what the old one's has. It may be incomplete.
    struct IncompleteFile: Error { let missing: [String] }

    /// The parts that a reload replaces.
    private struct Current: Sendable {
        let configuration: Configuration
        let gateway: Gateway
        /// After a reload, the old client stops when its last request is answered.
        let client: CurlHTTPClient
        /// The broker's calls must not use up the connections that logins need. Nil without a broker.
        let brokerClient: CurlHTTPClient?

        func stop() {
            client.stop()
            brokerClient?.stop()
        }
    }

    let publicListener: MicroHTTPServer
    let adminListener: MicroHTTPServer
    /// Where `/admin/` is answered without a token; nil without such a socket.
    let adminSocketListener: MicroHTTPServer?
    /// Nil without a broker.
    let brokerListener: MicroHTTPServer?
    private let current: Locked<Current>
    private let publicHandler: ReplaceableHandler
    private let adminHandler: ReplaceableHandler
    private let brokerHandler: ReplaceableHandler?
    private let front: @Sendable (Gateway) -> any HTTPHandler
    private let access: LiveStore
    private let following: Task<Void, Never>
    private let observability: Observability
    private let process: ProcessHealth
    private let reloader: Reloader
    private let metrics: GatewayMetrics

    /// Opens all listeners, or throws and opens none. `front` wraps the gateway's public handler, for `try`.
    init(
        _ configuration: Configuration, log: EventLog, metrics: Metrics = Metrics(), clock: Clock = .system,
        front: @escaping @Sendable (Gateway) -> any HTTPHandler = { $0 }
    ) async throws {
        try DescriptorLimit.raise(
            to: configuration.connections.total + Self.otherDescriptors
                + (configuration.brokerListen == nil ? 0 : 2 * Self.brokerConnections))
        let descriptors = DescriptorHealth(log: log)
        let process = ProcessHealth(
            descriptors: descriptors, hasOldLibrary: Self.exposesOldLibrary(configuration))
        let observability = Observability(log: log, metrics: metrics, clock: clock)
        let access = LiveStore(
            try configuration.store.open(), lifetimes: configuration.gateway.session, observability)
        let reloader = Reloader()
        let current: Current
        do { current = try Self.makeCurrent(configuration, access, observability, process, reloader) } catch {
            await access.close()
            throw error
        }
        let (publicHandler, adminHandler) = (
            ReplaceableHandler(front(current.gateway)), ReplaceableHandler(current.gateway.admin)
        )
        let brokerHandler = current.gateway.broker.map { ReplaceableHandler($0) }
        var opened: [MicroHTTPServer] = []
        func open(_ settings: ServerSettings, _ handler: any HTTPHandler) throws -> MicroHTTPServer {
            let listener = try MicroHTTPServer.start(settings, handler: handler)
            opened.append(listener)
            return listener
        }
        do {
            // Revocations are loaded before a listener opens: a session that was signed out must stay signed out.
            try await access.load()
            adminListener = try open(Self.adminSettings(configuration.adminListen, configuration), adminHandler)
            adminSocketListener = try configuration.adminSocket.map {
                try open(Self.adminSettings($0, configuration), adminHandler)
            }
            brokerListener =
                if let listen = configuration.brokerListen, let brokerHandler {
                    try open(Self.brokerSettings(listen, configuration), brokerHandler)
                } else { nil }
            publicListener = try open(Self.publicSettings(configuration, descriptors), publicHandler)
        } catch {
            for listener in opened { await listener.drainAndStop(within: .zero) }
            current.stop()
            await access.close()
            throw error
        }
        self.current = Locked(current)
        self.publicHandler = publicHandler
        self.adminHandler = adminHandler
        self.brokerHandler = brokerHandler
        self.front = front
        self.access = access
        self.observability = observability
        self.process = process
        self.reloader = reloader
        self.metrics = GatewayMetrics(observability, eventLoops: configuration.eventLoops)
        following = Task { await access.follow() }
        let listeners = [
            ("public", publicListener), ("admin", adminListener), ("admin_socket", adminSocketListener),
            ("broker", brokerListener),
        ]
        GatewayMetrics.registerConnections(of: listeners, in: metrics)
        if configuration.store == .memory { log.record(.storeInMemory) }
        log.record(.listening, nil, ["address": "\(publicListener.boundAddress)"])
        let others = [(adminListener, "admin"), (adminSocketListener, "admin"), (brokerListener, "broker")]
        for case (let listener?, let role) in others {
            log.record(.listening, nil, ["address": "\(listener.boundAddress)", "role": role])
        }
    }

    /// The time that answers under way have at a stop, from the newest configuration.
    var shutdownTimeout: Duration { current.withLock { $0.configuration.shutdownTimeout } }

    /// The time between the signal and the listeners' close, from the newest configuration.
    var shutdownDelay: Duration { current.withLock { $0.configuration.shutdownDelay } }

    /// See `EffectiveConfiguration.digest`.
    var configurationDigest: String { EffectiveConfiguration.digest(current.withLock { $0 }.configuration) }

    /// Fetches the issuers' keys in the background, so that neither the start nor the first login waits for them. After a
    /// reload, only those that the old gateway lacked.
    func prepareKeys() {
        let gateway = current.withLock { $0 }.gateway
        Task { await gateway.prepareKeys() }
    }

    /// Returns when every event loop has woken up since the call. Never returns while one hangs.
    func awaitEventLoops() async {
        await publicListener.awaitLoops()
        await adminListener.awaitLoops()
        await adminSocketListener?.awaitLoops()
        await brokerListener?.awaitLoops()
    }

    /// What `POST /admin/reload` does from now on. The outcome is in the metrics before it is reported.
    func answerReloads(
        by reload: @escaping @Sendable () async -> ReloadOutcome,
        reporting report: @escaping @Sendable (ReloadOutcome) -> Void
    ) {
        reloader.set { [metrics] in
            let outcome = await reload()
            metrics.count(outcome)
            report(outcome)
            return outcome
        }
    }

    /// The same as `POST /admin/reload`, after any reload that is under way.
    func reloadFromFile() async -> ReloadOutcome? { await reloader.reload() }

    /// Replaces the configuration, or throws and changes nothing. Listeners, connections, sessions and the store stay, and
    /// the old gateway finishes the requests under way. Returns the changed lines, without secrets.
    func reload(_ configuration: Configuration) async throws -> [String] {
        let old = current.withLock { $0 }
        let change = ConfigurationChange(old: old.configuration, new: configuration)
        guard change.missing.isEmpty else { throw IncompleteFile(missing: change.missing) }
        let fixed = change.needingRestart
        guard fixed.isEmpty else { throw NeedsRestart(settings: fixed) }
        let new = try Self.makeCurrent(
            configuration, continuing: old.gateway, access, observability, process, reloader)
        await new.gateway.takeKeys(of: old.gateway, now: observability.clock.unixSeconds())
        current.withLock { $0 = new }
        publicHandler.replace(with: front(new.gateway))
        adminHandler.replace(with: new.gateway.admin)
        // `needingRestart` refuses a change of the broker's address, so both have a broker or neither.
        if let broker = new.gateway.broker { brokerHandler?.replace(with: broker) }
        return change.lines
    }

    private static func makeCurrent(
        _ configuration: Configuration, continuing other: Gateway? = nil, _ access: LiveStore,
        _ observability: Observability, _ process: ProcessHealth, _ reloader: Reloader
    ) throws -> Current {
        func client(connections: Int) throws -> CurlHTTPClient {
            try CurlHTTPClient(ClientSettings(configuration, connections: connections))
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
            adminAccess: AdminAccess(token: configuration.adminToken), reload: reloader.reload,
            process: process, versions: Versions.all)
        return Current(configuration: configuration, gateway: gateway, client: main, brokerClient: brokerClient)
    }

    /// `/ready` says `draining` from now on. After `delay` the gateway accepts no new connection, finishes the answers under way
    /// for at most `limit`, then stops.
    func stop(after delay: Duration = .zero, within limit: Duration) async {
        process.drain.begin()
        observability.log.record(.draining)
        if delay > .zero { try? await Task.sleep(for: delay) }
        let deadline = ContinuousClock.now + limit
        async let brokerDrained: Void? = brokerListener?.drainAndStop(within: limit)
        await publicListener.drainAndStop(within: limit)
        _ = await brokerDrained
        await finishBrokerCalls(by: deadline)
        async let socketDrained: Void? = adminSocketListener?.drainAndStop(within: .seconds(1))
        await adminListener.drainAndStop(within: .seconds(1))
        _ = await socketDrained
        current.withLock { $0 }.stop()
        // The stop has ended what was left. Its audit lines follow at once.
        await finishBrokerCalls(by: .now + .seconds(1))
        following.cancel()
        await following.value
        await access.close()
        observability.log.record(.stopped)
    }

    /// Waits for the broker's calls. The call of a client that is gone has no connection that a drain waits for, and its
    /// audit line must not be lost.
    private func finishBrokerCalls(by deadline: ContinuousClock.Instant) async {
        guard let broker = current.withLock({ $0 }).gateway.broker else { return }
        while broker.isWorking, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
    }
}
