import CMicroHTTPD
import HTTP
import SecretMemory

/// The steps of a request: head, body, answer.
extension EventLoop {
    func receive(_ piece: UnsafeRawBufferPointer, on record: ConnectionRecord) -> MHD_Result {
        guard let body = record.body else { return .NO }
        let wasLarge = body.isLarge
        unsafe body.append(piece)
        if body.isLarge, !wasLarge { bodies.becameLarge(record)?.drop() }
        return .YES
    }

    /// Called with the head, with the body's end, and when a task has finished.
    @unsafe func advance(
        _ record: ConnectionRecord, _ connection: OpaquePointer, method: UnsafePointer<CChar>?,
        version: UnsafePointer<CChar>?
    ) -> MHD_Result {
        switch record.phase {
        case .head: return unsafe begin(record, connection, method: method, version: version)
        case .body:
            bodies.completed(record)
            // libmicrohttpd takes no answer before the body's end.
            if record.body?.isTooLarge == true { return unsafe refuse(.bodyTooLarge, record, connection) }
            return unsafe answer(record, connection)
        case .waiting:
            guard let response = record.response else { return .NO }
            return unsafe send(response, record, connection)
        case .answered: return .YES
        }
    }

    @unsafe private func begin(
        _ record: ConnectionRecord, _ connection: OpaquePointer, method: UnsafePointer<CChar>?,
        version: UnsafePointer<CChar>?
    ) -> MHD_Result {
        record.headCompleted()
        let head: RequestHead
        do {
            head = try unsafe RequestHead.read(
                connection, record, method: method, version: version, maximumHead: settings.maximumHead)
        } catch {
            return unsafe refuse(error, record, connection)
        }
        if case .other = head.request.method, !handler.takesAnyMethod(head.request) {
            return unsafe refuse(.method, record, connection)
        }
        record.request = head.request
        // A body that is a little too large is read and dropped, so that its sender can read the answer. A client that
        // expects 100 Continue, or announces a far larger body, gets the answer at once.
        let limit = handler.bodyLimit(for: head.request) ?? settings.maximumBody
        if let length = head.contentLength, length > limit,
            length > 4 * settings.maximumBody || head.request.headers.has(.expect)
        {
            return unsafe refuse(.bodyTooLarge, record, connection)
        }
        if head.contentLength != 0 {
            record.body = ReceivedBody(
                length: head.contentLength, limit: limit, usual: settings.maximumBody, began: now)
            bodies.began(record)?.drop()
        }
        // Even without a body the answer waits for the next call, which follows at once: libmicrohttpd closes a
        // connection whose answer is queued with the head.
        record.phase = .body
        record.deadline = now + deadlines.body
        return .YES
    }

    @unsafe private func answer(_ record: ConnectionRecord, _ connection: OpaquePointer) -> MHD_Result {
        guard var whole = record.request else { return .NO }
        record.deadline = .max
        if let body = record.body { whole = whole.with(body.take()) }
        switch handler.answer(whole) {
        case .now(let response): return unsafe send(response, record, connection)
        case .later(let work):
            // When other services are slow, the requests that wait for them must not take every connection.
            guard tasks < settings.maximumTasksPerLoop else {
                return unsafe send(handler.answer(unavailable: .busy), record, connection)
            }
            tasks += 1
            record.phase = .waiting
            unsafe suspended[ObjectIdentifier(record)] = unsafe (connection, record)
            unsafe MHD_suspend_connection(connection)
            let handle = RequestHandle(record)
            let task = Task { self.finish(handle, with: await work()) }
            if settings.cancelsForGoneClients { record.task = task }
            return .YES
        }
    }

    /// Sends the handler's answer to a malformed request and closes the connection.
    @unsafe private func refuse(
        _ reason: MalformedRequest.Reason, _ record: ConnectionRecord, _ connection: OpaquePointer
    ) -> MHD_Result {
        let status: HTTPStatus =
            switch reason {
            case .method: .notImplemented
            case .bodyTooLarge: .contentTooLarge
            default: .badRequest
            }
        let path = record.target.withSpan { bytes in
            bytes.indices.prefix { bytes[$0] != UInt8(ascii: "?") }.map { bytes[$0] }
        }
        let response = handler.answer(
            malformed: MalformedRequest(reason: reason, status: status, peer: record.peer, rawPath: path))
        return unsafe send(response, record, connection, closing: true)
    }

    @unsafe private func send(
        _ response: HTTPResponse, _ record: ConnectionRecord, _ connection: OpaquePointer, closing: Bool = false
    ) -> MHD_Result {
        record.phase = .answered
        // A client that reads a byte at a time must not keep the connection open.
        record.deadline = now + deadlines.idle
        let isQueued = unsafe SendResponse.queue(
            response, on: connection, closing: closing || drainBegan != nil)
        return isQueued ? .YES : .NO
    }
}

/// Refers to a request while a task computes its answer.
///
/// `@unchecked Sendable`: only the loop's thread accesses the record.
struct RequestHandle: @unchecked Sendable {
    let record: ConnectionRecord
    private let number: UInt64

    init(_ record: ConnectionRecord) {
        self.record = record
        number = record.count
    }

    /// Whether the connection still has the same request.
    var isCurrent: Bool { record.count == number }
}
