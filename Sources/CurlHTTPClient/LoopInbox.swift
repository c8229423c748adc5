import Locking

/// How everybody else reaches the loop's thread: what is posted here, it finds when it wakes up.
final class LoopInbox: Sendable {
    enum Command: Sendable {
        case start(Transfer, CheckedContinuation<Void, Never>)
        case cancel(Transfer)
    }

    private struct Content {
        var commands: [Command] = []
        var isStopping = false
    }

    private let content = Locked(Content())
    private let sockets: SocketWatch

    /// `sockets` are what the thread waits for.
    init(_ sockets: SocketWatch) { self.sockets = sockets }

    /// False once the loop is to stop: nobody will look then.
    func post(_ command: Command) -> Bool {
        let count = content.withLock { content in
            if !content.isStopping { content.commands.append(command) }
            return content.isStopping ? 0 : content.commands.count
        }
        // One wake-up for all that comes before the thread looks.
        if count == 1 { sockets.wake() }
        return count > 0
    }

    func beginStopping() {
        content.withLock { $0.isStopping = true }
        sockets.wake()
    }

    /// Empties it.
    func take() -> (commands: [Command], isStopping: Bool) {
        content.withLock { content in
            defer { content.commands = [] }
            return (content.commands, content.isStopping)
        }
    }
}
