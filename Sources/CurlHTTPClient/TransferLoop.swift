import CCurl
import HTTP

/// The one thread on which libcurl runs. A socket that stirs costs
/// what its own transfer costs, however many others are under way. https://curl.se/libcurl/c/curl_multi_socket_action.html
///
/// `@unchecked Sendable`: other threads touch `inbox` alone, and hand `connections` on. The rest belongs to the thread that calls `run`.
@safe final class TransferLoop: @unchecked Sendable {
    let connections = KeptConnections()
    private let settings: ClientSettings
    private let inbox: LoopInbox
    private let sockets: SocketWatch
    private let multi: UnsafeMutableRawPointer
    /// When libcurl wants to be asked again though no socket has stirred.
    private var timer: ContinuousClock.Instant?
    private var running: [EasyHandle: Transfer] = [:]
    private var idleHandles: [EasyHandle] = []
    private var turns: Turns
    /// Whose turn has come.
    private var upcoming: [Transfer] = []
    private var nextLook = ContinuousClock.now

    init(_ settings: ClientSettings) throws(ClientSetupError) {
        sockets = try SocketWatch()
        inbox = LoopInbox(sockets)
        guard let multi = unsafe curl_multi_init() else { throw .noResources }
        unsafe self.multi = multi
        self.settings = settings
        let perHost = max(1, settings.maximumConnectionsPerHost)
        turns = Turns(many: perHost)
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
        if !inbox.post(.start(transfer, continuation)) { transfer.wake(continuation, with: .failure(.stopped)) }
    }

    /// May come before `start`, or after the end.
    func cancel(_ transfer: Transfer) { _ = inbox.post(.cancel(transfer)) }

    func beginStopping() { inbox.beginStopping() }

    /// The thread's whole life. Afterwards every continuation has been resumed and libcurl's handles are gone.
    func run() {
        while obeyCommands() {
            beginUpcoming()
            if let timer, timer <= .now {
                self.timer = nil
                act(ccurl_socket_timeout, 0)
            }
            lookAtWaiting()
            collectFinished()
            sockets.wait(atMost: pause) { act($0, $1) }
            collectFinished()
        }
        // Who waits goes first, or it would take the place of one that ends.
        for transfer in turns.waiting + upcoming + running.values { finish(transfer, .failure(.stopped)) }
        for handle in idleHandles { handle.free() }
        idleHandles = []
        upcoming = []
        unsafe curl_multi_cleanup(multi)
    }

    /// False when it is time to stop. A function of its own, so that no command keeps its transfer, and thereby a
    /// secret, alive while the loop waits.
    private func obeyCommands() -> Bool {
        let (commands, isStopping) = inbox.take()
        for command in commands { obey(command) }
        return !isStopping
    }

    private func obey(_ command: LoopInbox.Command) {
        switch command {
        case .cancel(let transfer):
            if case .new = transfer.phase { transfer.phase = .finished }
            finish(transfer, .failure(.cancelled))
        case .start(let transfer, let continuation):
            guard case .new = transfer.phase else { return transfer.wake(continuation, with: .failure(.cancelled)) }
            transfer.phase = .waiting(continuation)
            if turns.enter(transfer) { return admit(transfer) }
            if turns.waitingCount == 1 { nextLook = .now + Self.lookInterval }
        }
    }

    /// It is the transfer's turn. It begins in the loop and not here: whoever is over at once makes room for the next, and
    /// nobody knows for how many in a row.
    private func admit(_ transfer: Transfer) {
        guard case .waiting(let continuation) = transfer.phase else { return }
        transfer.phase = .running(nil, continuation)
        upcoming.append(transfer)
    }

    private func beginUpcoming() {
        var place = 0
        while place < upcoming.count {
            begin(upcoming[place])
            place += 1
        }
        upcoming.removeAll(keepingCapacity: true)
    }

    private func begin(_ transfer: Transfer) {
        guard case .running(nil, let continuation) = transfer.phase else { return }
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
        guard upcoming.isEmpty else { return 0 }
        guard let next = [timer, turns.waitingCount > 0 ? nextLook : nil].compactMap(\.self).min() else { return -1 }
        let rest = next - .now
        // Rounded up: woken up too early, libcurl would have nothing to do.
        return rest <= .zero ? 0 : Int32(clamping: EasyHandle.milliseconds(rest) + 1)
    }

    private func collectFinished() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle,
                let context = unsafe ccurl_private(easy)
            else { continue }
            // `running` owns it.
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            if transfer.connectionChoice == .freshNeeded {
                startAgain(transfer)
            } else {
                finish(transfer, transfer.outcome(of: unsafe message.pointee.data.result))
            }
        }
    }

    /// It keeps its turn.
    private func startAgain(_ transfer: Transfer) {
        guard case .running(let handle?, let continuation) = transfer.phase else { return }
        takeBack(handle)
        transfer.phase = .running(nil, continuation)
        transfer.connectionChoice = .fresh
        begin(transfer)
    }

    private static let lookInterval = Duration.milliseconds(20)

    private func lookAtWaiting() {
        guard turns.waitingCount > 0 else { return }
        let now = ContinuousClock.now
        guard now >= nextLook else { return }
        nextLook = now + Self.lookInterval
        for transfer in turns.waiting where transfer.deadline <= now { finish(transfer, .failure(.cannotConnect)) }
        for transfer in turns.look() { admit(transfer) }
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
            if let next = turns.leave(transfer) { admit(next) }
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
