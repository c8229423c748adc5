import CPostgreSQL
import Glibc
import Locking

/// What a `ConnectionThread` does with its connection. Called on that thread, one after the other.
package protocol ConnectionWork: Sendable {
    /// Prepares a new connection.
    func begin(on connection: PostgreSQLConnection) throws(PostgreSQLError)
    /// Does the next piece of work; false if there is none.
    func runNext(on connection: PostgreSQLConnection) throws(PostgreSQLError) -> Bool
    /// The server sent a notification.
    func notified()
    /// Called several times a second while there is no connection.
    func isDisconnected(_ reason: String)
}

/// A thread with one connection, which it opens again whenever it breaks.
///
/// Not a task and not a Dispatch queue: it blocks in libpq's calls, which would block one of their few threads.
package final class ConnectionThread: Sendable {
    /// How long a piece of work waits for the server, over all its statements.
    private static let patience: Duration = .seconds(6)
    /// Between two attempts to connect.
    private static let pause: Int32 = 100

    private let connect: Connector
    private let work: any ConnectionWork
    private let wakeup: WakeUp
    private let isStopping = Locked(false)

    /// Connects before it returns. `password` is read for each attempt, so that it may be replaced.
    package init(
        _ address: PostgreSQLAddress, password: @escaping @Sendable () throws -> String?, _ work: any ConnectionWork
    ) throws(PostgreSQLError) {
        guard let wakeup = WakeUp() else { throw .disconnected("out of descriptors") }
        self.wakeup = wakeup
        self.work = work
        connect = Connector(wakeup) { () throws(PostgreSQLError) in
            let secret: String?
            do { secret = try password() } catch { throw .disconnected("the password cannot be read: \(error)") }
            let connection = try PostgreSQLConnection(address, password: secret, patience: Self.patience)
            try work.begin(on: connection)
            return connection
        }
        connect.offer(try connect.now())
        guard Self.detach({ [self] in run() }) else { throw .disconnected("out of threads") }
    }

    /// Makes the thread call `runNext` until there is no work.
    package func wake() { wakeup.signal() }

    /// Ends the thread after the piece of work under way.
    package func stop() {
        isStopping.withLock { $0 = true }
        wake()
    }

    private func run() {
        var connection: PostgreSQLConnection?
        while !isStopping.withLock({ $0 }) {
            guard let current = connection ?? connect.take() else {
                connect.start()
                wakeup.wait(atMost: Self.pause)
                work.isDisconnected(connect.reason)
                continue
            }
            connection = current
            do throws(PostgreSQLError) {
                repeat { current.limit(to: Self.patience) } while try work.runNext(on: current)
                if try current.takeNotifications() { work.notified() }
                // A connection that breaks while it is idle is opened again before it is needed.
                wakeup.wait(or: current.socket)
            } catch {
                connection = nil
                connect.lost(error)
            }
        }
    }

    static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
        final class Body: Sendable {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(Body(body))
        let failure = unsafe pthread_create(
            &thread, nil,
            { context in
                unsafe Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            unsafe context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}

/// Opens connections on threads of their own: a look-up of a name cannot be interrupted, and must not keep the owner from
/// failing the calls that wait.
private final class Connector: Sendable {
    private struct State: Sendable {
        var opened: Handover?
        var isRunning = false
        var reason = "not connected"
    }

    /// `@unchecked Sendable`: the thread that opened the connection does not use it after the handover.
    private struct Handover: @unchecked Sendable { let connection: PostgreSQLConnection }

    private let state = Locked(State())
    private let wakeup: WakeUp
    private let open: @Sendable () throws(PostgreSQLError) -> PostgreSQLConnection

    init(_ wakeup: WakeUp, _ open: @escaping @Sendable () throws(PostgreSQLError) -> PostgreSQLConnection) {
        self.wakeup = wakeup
        self.open = open
    }

    /// Why there is no connection.
    var reason: String { state.withLock { $0.reason } }

    func now() throws(PostgreSQLError) -> PostgreSQLConnection { try open() }

    func offer(_ connection: PostgreSQLConnection) {
        let handover = Handover(connection: connection)
        state.withLock { $0.opened = handover }
    }

    func take() -> PostgreSQLConnection? {
        let handover = state.withLock { state in
            defer { state.opened = nil }
            return state.opened
        }
        return handover?.connection
    }

    func lost(_ error: PostgreSQLError) { state.withLock { $0.reason = "\(error)" } }

    /// One attempt, if none is under way.
    func start() {
        let mayStart = state.withLock { state in
            guard !state.isRunning, state.opened == nil else { return false }
            state.isRunning = true
            return true
        }
        guard mayStart else { return }
        let started = ConnectionThread.detach { [self] in
            do throws(PostgreSQLError) {
                offer(try open())
                wakeup.signal()
            } catch {
                lost(error)
            }
            state.withLock { $0.isRunning = false }
        }
        if !started { state.withLock { $0.isRunning = false } }
    }
}
