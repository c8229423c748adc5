import Foundation
import Glibc
import Locking

/// A TCP server on loopback that says what a script tells it to, and records what it hears: for clients that must
/// live with slow, broken or hostile servers. One blocking thread per connection.
package final class ScriptedServer: Sendable {
    package enum Step: Sendable {
        /// Reads a head and as many bytes as its `Content-Length` says, and records them; ends the script at the end.
        case awaitRequest
        case send([UInt8])
        /// Reads a request as `awaitRequest` does and sends what it deserves.
        case reply(@Sendable (_ request: String) -> String)
        /// Byte by byte, with a pause behind each.
        case sendSlowly([UInt8], pause: Duration)
        case pause(Duration)
        /// Reads and drops until the peer closes or the server stops.
        case awaitClose
        /// Closes with a TCP reset.
        case reset
        case repeated([Step])

        package static func send(_ text: String) -> Step { .send(Array(text.utf8)) }

        /// `200` with a body, on a connection that stays open.
        package static func ok(_ body: String) -> Step {
            .send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
    }

    private struct State {
        var requests: [String] = []
        var connections = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    package let port: UInt16
    private let listener: Int32
    private let state = Locked(State())
    private let script: @Sendable (Int) -> [Step]

    /// Listens on 127.0.0.`host`. `script` gets the connection's number, from zero; behind its last step the connection is
    /// closed.
    package init(host: UInt8 = 1, _ script: @escaping @Sendable (Int) -> [Step]) throws {
        self.script = script
        (listener, port) = try TCPSocket.listenOnLoopback(host: host)
        Thread.detachNewThread { self.accept() }
    }

    package convenience init(host: UInt8 = 1, _ script: Step...) throws { try self.init(host: host) { _ in script } }

    /// Whole requests in the order in which they were read, heads and bodies as they came.
    package var requests: [String] { state.withLock { $0.requests } }
    package var connectionCount: Int { state.withLock { $0.connections } }

    package func url(_ path: String = "/", host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

    /// Ends every connection and the listener; threads end soon after.
    package func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            for socket in state.open { _ = shutdown(socket, Int32(SHUT_RDWR)) }
            _ = shutdown(listener, Int32(SHUT_RDWR))
        }
    }

    private func accept() {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            // A child process with a copy would keep the connection open.
            if socket >= 0 { _ = fcntl(socket, F_SETFD, FD_CLOEXEC) }
            let number: Int? = state.withLock { state in
                guard socket >= 0, !state.isStopped else { return nil }
                state.open.insert(socket)
                state.connections += 1
                return state.connections - 1
            }
            guard let number else {
                if socket >= 0 { close(socket) }
                close(listener)
                return
            }
            Thread.detachNewThread { self.play(self.script(number), on: TCPSocket(socket)) }
        }
    }

    private func play(_ steps: [Step], on socket: TCPSocket) {
        for step in steps where !play(step, on: socket) { break }
        // Under the lock, so that `stop` never meets a descriptor that is somebody else's by now.
        state.withLock { state in
            state.open.remove(socket.descriptor)
            close(socket.descriptor)
        }
    }

    private func play(_ step: Step, on socket: TCPSocket) -> Bool {
        switch step {
        case .awaitRequest:
            guard let request = socket.readRequest() else { return false }
            state.withLock { $0.requests.append(request) }
            return true
        case .send(let bytes): return socket.write(bytes)
        case .reply(let answer):
            guard let request = socket.readRequest() else { return false }
            state.withLock { $0.requests.append(request) }
            return socket.write(Array(answer(request).utf8))
        case .sendSlowly(let bytes, let pause):
            return bytes.allSatisfy { socket.write([$0]) && wait(pause) }
        case .pause(let pause): return wait(pause)
        case .awaitClose:
            while !socket.read(65536).isEmpty {}
            return false
        case .reset:
            socket.resetOnClose()
            return false
        case .repeated(let steps):
            while steps.allSatisfy({ play($0, on: socket) }) {}
            return false
        }
    }

    private func wait(_ duration: Duration) -> Bool {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            if state.withLock({ $0.isStopped }) { return false }
            usleep(2000)
        }
        return true
    }
}
