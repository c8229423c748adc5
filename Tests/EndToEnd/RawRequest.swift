import Foundation
import Glibc

/// Bytes to a port of this machine and whatever comes back until the other side closes: for what no client would send.
enum RawRequest {
    struct Failure: Error { let errno: Int32 }

    /// A GET of `target` to the letter.
    static func get(_ target: String, port: UInt16, headers: [String] = []) async throws -> String {
        let lines = ["GET \(target) HTTP/1.1", "Host: app.example.test", "Connection: close"] + headers
        return try await send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8), port: port)
    }

    /// Empty when the other side closes without a word. Blocks a thread of its own for 20 seconds at most.
    static func send(_ bytes: [UInt8], port: UInt16) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { () throws -> String in try exchange(bytes, port) })
            }
        }
    }

    private static func exchange(_ bytes: [UInt8], _ port: UInt16) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Failure(errno: errno) }
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // The server may close early. Its answer can still be read.
            guard count > 0 else { break }
            sent += count
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            answer += chunk.prefix(count)
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
