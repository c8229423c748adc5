import CMicroHTTPD
import Glibc
import HTTP
import SecretMemory

/// libmicrohttpd's callbacks. Each runs on the loop's own thread, inside `MHD_run`.
enum DaemonCallbacks {
    /// The loop outlives its daemon, so the daemon holds an unowned pointer to it.
    @unsafe static func all(for loop: EventLoop) -> gateway_daemon_callbacks {
        unsafe gateway_daemon_callbacks(
            context: Unmanaged.passUnretained(loop).toOpaque(),
            admit: { context, address, _ in
                let loop = unsafe DaemonCallbacks.loop(context)
                loop.hasAccepted = true
                guard let peer = unsafe SocketAddress.peer(address) else { return .NO }
                return loop.counts.mayOpen(peer) ? .YES : .NO
            },
            access_handler: { context, connection, _, method, version, upload, uploadSize, request in
                guard let connection = unsafe connection, let request = unsafe request?.pointee,
                    let uploadSize = unsafe uploadSize
                else { return .NO }
                return unsafe DaemonCallbacks.with(context, request) { loop, record in
                    if unsafe uploadSize.pointee > 0 {
                        let piece = unsafe UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
                        unsafe uploadSize.pointee = 0
                        return unsafe loop.receive(piece, on: record)
                    }
                    return unsafe loop.advance(record, connection, method: method, version: version)
                }
            },
            request_line: { context, target, connection in
                guard let connection = unsafe connection, let record = unsafe gateway_socket_context(connection) else {
                    return nil
                }
                let raw = unsafe UnsafeRawBufferPointer(start: target, count: target.map { unsafe strlen($0) } ?? 0)
                unsafe DaemonCallbacks.with(context, record) { loop, record in unsafe loop.began(record, raw) }
                return unsafe record
            },
            completed: { context, _, request, _ in
                guard let pointer = unsafe request?.pointee else { return }
                unsafe request?.pointee = nil
                unsafe DaemonCallbacks.with(context, pointer) { loop, record in loop.ended(record) }
            },
            connection: { context, connection, place, event in
                guard let connection = unsafe connection, let place = unsafe place else { return }
                let loop = unsafe DaemonCallbacks.loop(context)
                switch event {
                case .CONNECTION_NOTIFY_STARTED: unsafe loop.opened(connection, place)
                default: unsafe loop.closed(place)
                }
            })
    }

    @unsafe private static func with<Result>(
        _ context: UnsafeMutableRawPointer?, _ record: UnsafeMutableRawPointer,
        _ body: (EventLoop, ConnectionRecord) -> Result
    ) -> Result {
        let loop = unsafe DaemonCallbacks.loop(context)
        return body(loop, unsafe Unmanaged<ConnectionRecord>.fromOpaque(record).takeUnretainedValue())
    }

    @unsafe private static func loop(_ context: UnsafeMutableRawPointer?) -> EventLoop {
        guard let context = unsafe context else { preconditionFailure("every callback gets its loop") }
        return unsafe Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
    }
}

/// The starts and ends of connections and requests.
extension EventLoop {
    @unsafe fileprivate func opened(
        _ connection: OpaquePointer, _ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) {
        // The accept policy has refused every other kind of address.
        guard let peer = unsafe SocketAddress.peer(gateway_client_address(connection)) else { return }
        let record = ConnectionRecord(
            descriptor: unsafe gateway_connection_descriptor(connection), peer: peer, opened: now,
            deadline: now + deadlines.head)
        connections[ObjectIdentifier(record)] = record
        counts.opened(peer)
        // libmicrohttpd sees the shutdown and closes the connection.
        if descriptors?.isReserved(record.descriptor) == true { record.drop() }
        // `connections` owns the record.
        unsafe place.pointee = Unmanaged.passUnretained(record).toOpaque()
    }

    /// The descriptor is still open here, so no record has the descriptor of a later connection.
    @unsafe fileprivate func closed(_ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let pointer = unsafe place.pointee else { return }
        let record = unsafe Unmanaged<ConnectionRecord>.fromOpaque(pointer).takeUnretainedValue()
        unsafe place.pointee = nil
        ended(record)
        // Several connections may end in one run; only the first of them finds the daemon at its limit.
        if connections.count >= settings.maximumConnectionsPerLoop { hasFreedPlace = true }
        connections[ObjectIdentifier(record)] = nil
        counts.closed(record.peer)
    }

    @unsafe fileprivate func began(_ record: ConnectionRecord, _ target: UnsafeRawBufferPointer) {
        ended(record)
        openRequests += 1
        unsafe record.begin(target)
        // Version 0.9.75 stores every query parameter and, out of memory, stops reading without an answer. Such a
        // connection gets less time.
        if record.target.withSpan({ bytes in bytes.indices.count { bytes[$0] == UInt8(ascii: "&") } }) > 200 {
            record.deadline = min(record.deadline, now + 1_000_000_000)
        }
    }

    /// The request was answered or dropped. May be called twice.
    fileprivate func ended(_ record: ConnectionRecord) {
        guard record.isOpen else { return }
        openRequests -= 1
        bodies.ended(record)
        record.end(now: now)
        record.deadline = now + deadlines.idle + deadlines.head
    }
}
