import Locking

/// Commands from other threads to the loop's thread.
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

    /// `sockets`: what the loop waits for; the inbox wakes it.
    init(_ sockets: SocketWatch) { self.sockets = sockets }

    /// False once the loop is stopping: it reads no more commands.
    func post(_ command: Command) -> Bool {
        let count = content.withLock { content in
            if !content.isStopping { content.commands.append(command) }
            return content.isStopping ? 0 : content.commands.count
        }
        // One wake-up for all commands until the loop reads them.
        if count == 1 { sockets.wake() }
        return count > 0
    }

    func beginStopping() {
        content.withLock { $0.isStopping = true }
        sockets.wake()
    }

    func take() -> (commands: [Command], isStopping: Bool) {
        content.withLock { content in
            defer { content.commands = [] }
            return (content.commands, content.isStopping)
        }
    }
}
