import CCurl
import HTTP
import Locking

/// The one thread on which libcurl runs, and the inbox by which everybody else reaches it.
///
/// `@unchecked Sendable`: other threads touch `inbox` alone, which its lock guards, and `multi` only to wake it up,
/// under that lock and before it is gone. The rest belongs to the thread that calls `run`.
@safe final class TransferLoop: @unchecked Sendable {
    private enum Command {
        case start(Transfer, CheckedContinuation<Void, Never>)
        case cancel(Transfer)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isStopping = false
    }

    private let settings: ClientSettings
    private let inbox = Locked(Inbox())
    private let multi: UnsafeMutableRawPointer
    private var running: [EasyHandle: Transfer] = [:]
    private var idleHandles: [EasyHandle] = []
    private var nextLook = ContinuousClock.now

    init(_ settings: ClientSettings) throws(ClientSetupError) {
        guard let multi = unsafe curl_multi_init() else { throw .noResources }
        unsafe self.multi = multi
        self.settings = settings
        let perHost = max(1, settings.maximumConnectionsPerHost)
        guard unsafe ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, perHost) == CURLM_OK,
            unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(perHost, settings.maximumIdleConnections))
                == CURLM_OK,
            unsafe ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING)) == CURLM_OK
        else { throw .noResources }
    }

    deinit { precondition(running.isEmpty) }

    func start(_ transfer: Transfer, _ continuation: CheckedContinuation<Void, Never>) {
        if !post(.start(transfer, continuation)) { transfer.wake(continuation, with: .failure(.stopped)) }
    }

    /// May come before `start`, or after the end.
    func cancel(_ transfer: Transfer) { _ = post(.cancel(transfer)) }

    func beginStopping() {
        inbox.withLock { inbox in
            guard !inbox.isStopping else { return }
            inbox.isStopping = true
            unsafe curl_multi_wakeup(multi)
        }
    }

    private func post(_ command: Command) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isStopping else { return false }
            inbox.commands.append(command)
            // One wake-up for all that comes before the thread looks.
            if inbox.commands.count == 1 { unsafe curl_multi_wakeup(multi) }
            return true
        }
    }

    /// The thread's whole life. Afterwards every continuation has been resumed and libcurl's handles are gone.
    func run() {
        while obeyCommands() {
            var count: Int32 = 0
            unsafe curl_multi_perform(multi, &count)
            collectFinished()
            endOverdueWaits()
            // libcurl's own timers shorten the wait; a wake-up ends it.
            unsafe curl_multi_poll(multi, nil, 0, mayHaveWaiting ? 50 : 1000, nil)
        }
        for transfer in running.values { finish(transfer, .failure(.stopped)) }
        for handle in idleHandles { handle.free() }
        idleHandles = []
        unsafe curl_multi_cleanup(multi)
    }

    /// False when it is time to stop. A function of its own, so that no command keeps its transfer, and thereby a
    /// secret, alive while the loop waits.
    private func obeyCommands() -> Bool {
        let (commands, isStopping) = inbox.withLock { inbox in
            defer { inbox.commands = [] }
            return (inbox.commands, inbox.isStopping)
        }
        for command in commands { obey(command) }
        return !isStopping
    }

    private func obey(_ command: Command) {
        switch command {
        case .cancel(let transfer):
            if case .running = transfer.phase {
                finish(transfer, .failure(.cancelled))
            } else {
                transfer.phase = .finished
            }
        case .start(let transfer, let continuation):
            guard case .new = transfer.phase else { return transfer.wake(continuation, with: .failure(.cancelled)) }
            guard let handle = idleHandles.popLast() ?? EasyHandle() else {
                return transfer.wake(continuation, with: .failure(.cannotConnect))
            }
            transfer.phase = .running(handle, continuation)
            running[handle] = transfer
            guard handle.prepare(for: transfer, settings: settings),
                unsafe curl_multi_add_handle(multi, handle.easy) == CURLM_OK
            else { return finish(transfer, .failure(.cannotConnect)) }
        }
    }

    private func collectFinished() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle,
                let transfer = unsafe running[EasyHandle(easy)]
            else { continue }
            finish(transfer, transfer.outcome(of: unsafe message.pointee.data.result))
        }
    }

    private var mayHaveWaiting: Bool { running.count > settings.maximumConnectionsPerHost }

    /// libcurl 7.88 does not look at the time-out of a transfer that waits for a connection of its host.
    private func endOverdueWaits() {
        let now = ContinuousClock.now
        guard mayHaveWaiting, now >= nextLook else { return }
        nextLook = now + .milliseconds(50)
        for transfer in running.values where transfer.attempts == 0 && transfer.deadline <= now {
            finish(transfer, .failure(.cannotConnect))
        }
    }

    private func finish(_ transfer: Transfer, _ outcome: Transfer.Outcome) {
        guard case .running(let handle, let continuation) = transfer.phase else { return }
        transfer.phase = .finished
        unsafe curl_multi_remove_handle(multi, handle.easy)
        running[handle] = nil
        // A reset handle points to nothing of ours any more.
        handle.reset()
        if idleHandles.count < settings.maximumConnectionsPerHost {
            idleHandles.append(handle)
        } else {
            handle.free()
        }
        transfer.wake(continuation, with: outcome)
    }
}
