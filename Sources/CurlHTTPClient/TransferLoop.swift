import CCurl
import HTTP
import Locking

/// The one thread on which libcurl runs, and the inbox by which everybody else reaches it. A socket that stirs costs
/// what its own transfer costs, however many others are under way. https://curl.se/libcurl/c/curl_multi_socket_action.html
///
/// `@unchecked Sendable`: other threads touch `inbox` alone, which its lock guards, and `sockets` to wake the thread
/// up. The rest belongs to the thread that calls `run`.
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
    private let sockets: SocketWatch
    private let multi: UnsafeMutableRawPointer
    /// When libcurl wants to be asked again though no socket has stirred.
    private var timer: ContinuousClock.Instant?
    private var running: [EasyHandle: Transfer] = [:]
    private var idleHandles: [EasyHandle] = []
    private var turns: Turns
    private var nextLook = ContinuousClock.now

    init(_ settings: ClientSettings) throws(ClientSetupError) {
        sockets = try SocketWatch()
        guard let multi = unsafe curl_multi_init() else { throw .noResources }
        unsafe self.multi = multi
        self.settings = settings
        let perHost = max(1, settings.maximumConnectionsPerHost)
        turns = Turns(limit: perHost)
        guard
            unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(perHost, settings.maximumIdleConnections))
                == CURLM_OK,
            unsafe ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING)) == CURLM_OK,
            setCallbacks()
        else { throw .noResources }
    }

    /// libcurl calls them from within other calls of ours, and so on the loop's thread, whose life `run` keeps us for.
    private func setCallbacks() -> Bool {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let socketsAreSet = unsafe ccurl_multi_set_socket_callback(
            multi,
            { _, socket, what, context, _ in
                unsafe Unmanaged<TransferLoop>.fromOpaque(context!).takeUnretainedValue().sockets.watch(socket, what)
                return 0
            }, context)
        let timerIsSet = unsafe ccurl_multi_set_timer_callback(
            multi,
            { _, milliseconds, context in
                unsafe Unmanaged<TransferLoop>.fromOpaque(context!).takeUnretainedValue().timer =
                    milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
                return 0
            }, context)
        return socketsAreSet == CURLM_OK && timerIsSet == CURLM_OK
    }

    deinit { precondition(running.isEmpty) }

    func start(_ transfer: Transfer, _ continuation: CheckedContinuation<Void, Never>) {
        if !post(.start(transfer, continuation)) { transfer.wake(continuation, with: .failure(.stopped)) }
    }

    /// May come before `start`, or after the end.
    func cancel(_ transfer: Transfer) { _ = post(.cancel(transfer)) }

    func beginStopping() {
        inbox.withLock { $0.isStopping = true }
        sockets.wake()
    }

    private func post(_ command: Command) -> Bool {
        let count = inbox.withLock { inbox in
            if !inbox.isStopping { inbox.commands.append(command) }
            return inbox.isStopping ? 0 : inbox.commands.count
        }
        // One wake-up for all that comes before the thread looks.
        if count == 1 { sockets.wake() }
        return count > 0
    }

    /// The thread's whole life. Afterwards every continuation has been resumed and libcurl's handles are gone.
    func run() {
        while obeyCommands() {
            if let timer, timer <= .now {
                self.timer = nil
                act(ccurl_socket_timeout, 0)
            }
            endOverdueWaits()
            collectFinished()
            sockets.wait(atMost: pause) { act($0, $1) }
            collectFinished()
        }
        // Who waits goes first, or it would take the place of one that ends.
        for transfer in turns.waiting + running.values { finish(transfer, .failure(.stopped)) }
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
            if case .new = transfer.phase { transfer.phase = .finished }
            finish(transfer, .failure(.cancelled))
        case .start(let transfer, let continuation):
            guard case .new = transfer.phase else { return transfer.wake(continuation, with: .failure(.cancelled)) }
            transfer.phase = .waiting(continuation)
            if turns.enter(transfer) { begin(transfer) }
        }
    }

    /// It is the transfer's turn.
    private func begin(_ transfer: Transfer) {
        guard case .waiting(let continuation) = transfer.phase else { return }
        transfer.phase = .running(nil, continuation)
        guard transfer.deadline > .now, let handle = idleHandles.popLast() ?? EasyHandle() else {
            return finish(transfer, .failure(.cannotConnect))
        }
        transfer.phase = .running(handle, continuation)
        running[handle] = transfer
        guard handle.prepare(for: transfer, settings: settings),
            unsafe curl_multi_add_handle(multi, handle.easy) == CURLM_OK
        else { return finish(transfer, .failure(.cannotConnect)) }
    }

    private func act(_ socket: Int32, _ how: Int32) {
        var count: Int32 = 0
        unsafe curl_multi_socket_action(multi, socket, how, &count)
    }

    /// In milliseconds, until libcurl's timer or the next look at who waits too long; negative where there is neither.
    private var pause: Int32 {
        guard let next = [timer, turns.waitingCount > 0 ? nextLook : nil].compactMap(\.self).min() else { return -1 }
        let rest = next - .now
        // Rounded up: woken up too early, libcurl would have nothing to do.
        return rest <= .zero ? 0 : Int32(clamping: EasyHandle.milliseconds(rest) + 1)
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

    private func endOverdueWaits() {
        guard turns.waitingCount > 0 else { return }
        let now = ContinuousClock.now
        guard now >= nextLook else { return }
        nextLook = now + .milliseconds(50)
        for transfer in turns.waiting where transfer.deadline <= now { finish(transfer, .failure(.cannotConnect)) }
    }

    private func finish(_ transfer: Transfer, _ outcome: Transfer.Outcome) {
        switch transfer.phase {
        case .new, .finished: return
        case .waiting(let continuation):
            transfer.phase = .finished
            turns.giveUp(transfer)
            transfer.wake(continuation, with: outcome)
        case .running(let handle, let continuation):
            transfer.phase = .finished
            if let handle { takeBack(handle) }
            transfer.wake(continuation, with: outcome)
            if let next = turns.leave(transfer) { begin(next) }
        }
    }

    private func takeBack(_ handle: EasyHandle) {
        unsafe curl_multi_remove_handle(multi, handle.easy)
        running[handle] = nil
        // A reset handle points to nothing of ours any more.
        handle.reset()
        if idleHandles.count < settings.maximumConnectionsPerHost {
            idleHandles.append(handle)
        } else {
            handle.free()
        }
    }
}
