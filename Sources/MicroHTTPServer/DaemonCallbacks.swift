import CMicroHTTPD
import Glibc
import HTTP
import SecretMemory

/// The C side's way into an event loop. Every callback runs on the loop's own thread, from inside `MHD_run`.
enum DaemonCallbacks {
    /// The loop outlives its daemon, so the daemon may hold it without owning it.
    @unsafe static func all(for loop: EventLoop) -> gateway_daemon_callbacks {
        unsafe gateway_daemon_callbacks(
            context: Unmanaged.passUnretained(loop).toOpaque(),
            access_handler: { context, connection, _, method, version, upload, uploadSize, request in
                guard let connection = unsafe connection, let request = unsafe request?.pointee,
                    let uploadSize = unsafe uploadSize
                else { return .NO }
                return unsafe DaemonCallbacks.with(context, request) { loop, record in
                    if unsafe uploadSize.pointee > 0 {
                        let piece = unsafe UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
                        unsafe uploadSize.pointee = 0
                        return unsafe loop.take(piece, on: record)
                    }
                    return unsafe loop.advance(record, connection, method: method, version: version)
                }
            },
            request_line: { context, target, connection in
                guard let connection = unsafe connection, let record = unsafe gateway_socket_context(connection) else {
                    return nil
                }
                let raw = unsafe UnsafeRawBufferPointer(start: target, count: target.map { unsafe strlen($0) } ?? 0)
                unsafe DaemonCallbacks.with(context, record) { loop, record in
                    loop.openRequests += 1
                    unsafe record.begin(raw)
                }
                // The target is libmicrohttpd's own receive buffer. It would now decode every query parameter into
                // the connection's memory, and where that ends forget the request without telling us; we take
                // queries from the copy, so it finds an empty one.
                if let target = unsafe target, let mark = unsafe strchr(target, Int32(UInt8(ascii: "?"))) {
                    unsafe mark[1] = 0
                }
                unsafe UnparsedCookies.arrange(on: connection)
                return unsafe record
            },
            completed: { context, _, request, _ in
                guard let pointer = unsafe request?.pointee else { return }
                unsafe request?.pointee = nil
                unsafe DaemonCallbacks.with(context, pointer) { loop, record in
                    loop.openRequests -= 1
                    record.end()
                    record.deadline = loop.nextHead
                }
            },
            connection: { context, _, place, event in
                guard let place = unsafe place else { return }
                let loop = unsafe DaemonCallbacks.loop(context)
                switch event {
                case .CONNECTION_NOTIFY_STARTED: unsafe loop.opened(place)
                default: unsafe loop.closed(place)
                }
            })
    }

    /// The loop and the record of a connection, without counting references: both live longer than the call.
    @unsafe @inline(__always) private static func with<Result>(
        _ context: UnsafeMutableRawPointer?, _ record: UnsafeMutableRawPointer,
        _ body: (EventLoop, ConnectionRecord) -> Result
    ) -> Result {
        unsafe unmanaged(context)._withUnsafeGuaranteedRef { loop in
            unsafe Unmanaged<ConnectionRecord>.fromOpaque(record)._withUnsafeGuaranteedRef { body(loop, $0) }
        }
    }

    @unsafe private static func loop(_ context: UnsafeMutableRawPointer?) -> EventLoop {
        unsafe unmanaged(context).takeUnretainedValue()
    }

    @unsafe private static func unmanaged(_ context: UnsafeMutableRawPointer?) -> Unmanaged<EventLoop> {
        guard let context = unsafe context else { preconditionFailure("every callback is given its loop") }
        return unsafe Unmanaged.fromOpaque(context)
    }
}

/// Connections come and go.
extension EventLoop {
    /// Hands a guest's connection to the daemon that suits it.
    func letIn(_ guest: Door.Guest) {
        admitted = guest.record
        connections[ObjectIdentifier(guest.record)] = guest.record
        let daemon = guest.needsRoom ? daemons?.roomy : daemons?.usual
        if daemon?.add(guest.record.descriptor, guest.address) != true { forget(guest.record) }
        admitted = nil
    }

    @unsafe fileprivate func opened(_ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let record = admitted else { return }
        // Owned by `connections`; the place in the connection is a way to find it again.
        unsafe place.pointee = Unmanaged.passUnretained(record).toOpaque()
    }

    @unsafe fileprivate func closed(_ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let pointer = unsafe place.pointee else { return }
        let record = unsafe Unmanaged<ConnectionRecord>.fromOpaque(pointer).takeUnretainedValue()
        unsafe place.pointee = nil
        forget(record)
    }

    private func forget(_ record: ConnectionRecord) {
        guard connections.removeValue(forKey: ObjectIdentifier(record)) != nil else { return }
        counts.closed(record.peer)
    }

    /// When the next head on a kept connection has to be whole.
    fileprivate var nextHead: UInt64 { now + deadlines.idle + deadlines.head }
}
