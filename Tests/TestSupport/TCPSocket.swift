import Glibc

/// The few socket calls that test servers need, blocking.
struct TCPSocket: Sendable {
    struct Failure: Error { let errno: Int32 }

    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// A listener on 127.0.0.`host`. `port`: 0 for one of the system's choice. `backlog`: how many connections may wait.
    static func listenOnLoopback(host: UInt8 = 1, port: UInt16 = 0, backlog: Int32 = 4096) throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (UInt32(0x7f00_0000) | UInt32(host)).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(listener, generic, length) == 0 && listen(listener, backlog) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard listener >= 0, isListening else { throw Failure(errno: errno) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    /// Empty at the end of the stream and on any error.
    func read(_ maximum: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: maximum)
        let count = unsafe recv(descriptor, &bytes, maximum, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes { rest in
                unsafe send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// A head and its body, or nil when the stream ends before both are whole. Does not read ahead of pipelined ones.
    func readRequest() -> String? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
            let byte = read(1)
            guard !byte.isEmpty else { return nil }
            head += byte
        }
        let text = String(decoding: head, as: UTF8.self)
        let length =
            text.split(separator: "\r\n").lazy
            .compactMap { $0.lowercased().hasPrefix("content-length:") ? Int($0.dropFirst(16)) : nil }.first ?? 0
        var body: [UInt8] = []
        while body.count < length {
            let piece = read(length - body.count)
            guard !piece.isEmpty else { return nil }
            body += piece
        }
        return text + String(decoding: body, as: UTF8.self)
    }

    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}
