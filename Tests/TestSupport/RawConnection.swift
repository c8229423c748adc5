import Dispatch
import Glibc

/// A client that sends exactly the bytes it is told to and shows exactly the bytes that come back. Blocking, with a
/// limit on every wait; use it inside `onThread`.
package final class RawConnection: Sendable {
    package struct Failure: Error { package let errno: Int32 }

    private let socket: TCPSocket

    /// To 127.0.0.1.
    package init(port: UInt16, receiveBuffer: Int32? = nil) throws {
        socket = TCPSocket(Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        if var size = receiveBuffer {
            unsafe setsockopt(socket.descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        try Self.connect(socket.descriptor, &address)
    }

    /// To a socket file.
    package init(path: String) throws {
        socket = TCPSocket(Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        try Self.connect(socket.descriptor, &address)
    }

    deinit { close(socket.descriptor) }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address) throws {
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
        guard isConnected else { throw Failure(errno: errno) }
    }

    /// False when the other side no longer takes it. What it answered before can still be read.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool { socket.write(bytes) }

    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    package func finishSending() { shutdown(socket.descriptor, Int32(SHUT_WR)) }

    /// From now on its end is a reset, as when a client crashes.
    package func resetAtEnd() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// What comes next, or empty at the stream's end; nil where nothing comes for `patience` seconds.
    package func receive(patience: Double) -> [UInt8]? {
        var watched = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&watched, 1, Int32(patience * 1000)) > 0 else { return nil }
        return socket.read(65536)
    }

    /// Everything up to the stream's end, and whether it came to that before `patience` seconds of silence.
    package func receiveAll(patience: Double = 10) -> (bytes: [UInt8], isClosed: Bool) {
        var all: [UInt8] = []
        while let piece = receive(patience: patience) {
            if piece.isEmpty { return (all, true) }
            all += piece
        }
        return (all, false)
    }

    /// One response by its `Content-Length`; nil where it is not whole within the patience.
    package func receiveResponse(patience: Double = 10, isHead: Bool = false) -> RawResponse? {
        var all: [UInt8] = []
        while true {
            if let response = RawResponse(all, isHead: isHead) { return response }
            guard let piece = receive(patience: patience), !piece.isEmpty else { return nil }
            all += piece
        }
    }
}

/// One response as it came.
package struct RawResponse: Sendable {
    package let status: Int
    /// Lines, without the first.
    package let headers: [String]
    package let body: String

    /// Nil where the bytes are no whole response yet.
    package init?(_ bytes: [UInt8], isHead: Bool = false) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.utf8.firstRange(of: "\r\n\r\n".utf8) else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n", omittingEmptySubsequences: false)
        let first = lines[0].split(separator: " ")
        guard first.count > 1, let status = Int(first[1]) else { return nil }
        self.status = status
        headers = lines.dropFirst().map(String.init)
        let rest = text.utf8[end.upperBound...]
        guard !isHead, let length = Int(Self.value("Content-Length", headers) ?? "0") else {
            body = String(rest) ?? ""
            return
        }
        guard rest.count >= length else { return nil }
        body = String(rest.prefix(length)) ?? ""
    }

    package subscript(name: String) -> String? { Self.value(name, headers) }

    private static func value(_ name: String, _ headers: [String]) -> String? {
        let start = name.lowercased() + ":"
        guard let line = headers.first(where: { $0.lowercased().hasPrefix(start) }) else { return nil }
        let value = line.dropFirst(start.count).drop { $0 == " " }
        return String(value)
    }
}

/// Runs work that blocks on a thread of its own: Swift's tasks have as many threads as there are processors, and a
/// server under test needs them.
package func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "test client").async { continuation.resume(with: .init(catching: work)) }
    }
}
