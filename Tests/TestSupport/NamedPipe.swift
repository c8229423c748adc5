import Glibc

/// A pipe with a name in the file system, so that a `ChildProcess` can have its other end for its output.
package final class NamedPipe: Sendable {
    package let path: String
    private let descriptor: Int32

    package struct Failure: Error {}

    package init(_ path: String) throws {
        guard unsafe mkfifo(path, 0o600) == 0 else { throw Failure() }
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure() }
    }

    deinit { close(descriptor) }

    /// What is in it now.
    package func take() -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    /// Waits until there is something in it, half a minute at most.
    package func wait() {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        for _ in 0..<6000 {
            poll.revents = 0
            if unsafe Glibc.poll(&poll, 1, 5) > 0, poll.revents & Int16(POLLIN) != 0 { return }
            // Before the other end is opened, and behind its end, there is nothing to wait for.
            if poll.revents != 0 { usleep(1000) }
        }
    }
}
