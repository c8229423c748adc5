import CCurl
import HTTP

/// The one thread on which libcurl runs, with its socket interface: the cost of a ready socket does not grow with the number
/// of transfers. https://curl.se/libcurl/c/curl_multi_socket_action.html
///
/// `@unchecked Sendable`: other threads touch only `inbox` and pass `connections` on. The rest belongs to the thread that
/// calls `run`.
@safe final class TransferLoop: @unchecked Sendable {
    let connections = KeptConnections()
    private let settings: ClientSettings
    private let inbox: LoopInbox
    private let sockets: SocketWatch
    private let multi: UnsafeMutableRawPointer
    /// When libcurl wants to be called even if no socket is ready.
    private var timer: ContinuousClock.Instant?
    private var running: [EasyHandle: Transfer] = [:]
    private var idleHandles: [EasyHandle] = []
    private var hostLimit: HostConnectionLimit
    /// Admitted transfers without a handle yet.
    private var admitted: [Transfer] = []
    private var nextReview = ContinuousClock.now
    /// Set behind libcurl's timer.
    private var nextNudge: ContinuousClock.Instant?

    init(_ settings: ClientSettings) throws(ClientSetupError) {
        sockets = try SocketWatch()
        inbox = LoopInbox(sockets)
        guard let multi = unsafe curl_multi_init() else { throw .noResources }
        unsafe self.multi = multi
        self.settings = settings
        let perHost = max(1, settings.maximumConnectionsPerHost)
        hostLimit = HostConnectionLimit(many: perHost)
        guard
            unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(perHost, settings.maximumIdleConnections))
                == CURLM_OK,
            unsafe ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING)) == CURLM_OK,
            setCallbacks()
        else { throw .noResources }
    }

    /// libcurl calls these from inside our own calls, so on the loop's thread. `run` keeps `self` alive there.
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
        if !inbox.post(.start(transfer, continuation)) { transfer.resume(continuation, with: .failure(.stopped)) }
    }

    /// May come before `start`, or after the end.
    func cancel(_ transfer: Transfer) { _ = inbox.post(.cancel(transfer)) }

    func beginStopping() { inbox.beginStopping() }

    /// Returns after `beginStopping`, with every continuation resumed and every libcurl handle freed.
    func run() {
        while runCommands() {
            beginAdmitted()
            if let timer, timer <= .now {
                self.timer = nil
                act(ccurl_socket_timeout, 0)
                nextNudge = nextNudge ?? .now + Self.nudgeInterval
            }
            nudgeConnecting()
            reviewQueues()
            collectFinished()
            sockets.wait(atMost: pause) { act($0, $1) }
            collectFinished()
        }
        // Queued transfers first, or each would start in the place of one that ends.
        for transfer in hostLimit.queued + admitted + running.values { finish(transfer, .failure(.stopped)) }
        for handle in idleHandles { handle.free() }
        idleHandles = []
        admitted = []
        unsafe curl_multi_cleanup(multi)
    }

    /// False when it is time to stop. A function of its own, so that no local variable keeps a transfer, and thereby a
    /// secret, alive while the loop waits.
    private func runCommands() -> Bool {
        let (commands, isStopping) = inbox.take()
        for command in commands { run(command) }
        return !isStopping
    }

    private func run(_ command: LoopInbox.Command) {
        switch command {
        case .cancel(let transfer):
            if case .new = transfer.phase { transfer.phase = .finished }
            if transfer.isCancellable { finish(transfer, .failure(.cancelled)) }
        case .start(let transfer, let continuation):
            guard case .new = transfer.phase else { return transfer.resume(continuation, with: .failure(.cancelled)) }
            transfer.phase = .waiting(continuation)
            if hostLimit.start(transfer) { return admit(transfer) }
            if hostLimit.queuedCount == 1 { nextReview = .now + Self.reviewInterval }
        }
    }

    /// The transfer begins in the loop, not here: a transfer that ends at once admits the next one, and a long queue of
    /// those would be a deep recursion.
    private func admit(_ transfer: Transfer) {
        guard case .waiting(let continuation) = transfer.phase else { return }
        transfer.phase = .running(nil, continuation)
        admitted.append(transfer)
    }

    private func beginAdmitted() {
        var place = 0
        // The list grows meanwhile, where a transfer ends at once.
        while place < admitted.count {
            begin(admitted[place])
            place += 1
        }
        admitted.removeAll(keepingCapacity: true)
    }

    private func begin(_ transfer: Transfer) {
        guard case .running(nil, let continuation) = transfer.phase else { return }
        guard transfer.deadline > .now else { return finish(transfer, Self.queuedTooLong(transfer)) }
        guard let handle = idleHandles.popLast() ?? EasyHandle() else {
            return finish(transfer, transfer.failure(.cannotConnect, "libcurl has no memory for a request"))
        }
        transfer.phase = .running(handle, continuation)
        running[handle] = transfer
        guard handle.prepare(for: transfer, settings: settings),
            unsafe curl_multi_add_handle(multi, handle.easy) == CURLM_OK
        else { return finish(transfer, transfer.failure(.cannotConnect, "libcurl refused an option")) }
    }

    private static func queuedTooLong(_ transfer: Transfer) -> Transfer.Outcome {
        transfer.failure(.cannotConnect, "no connection to the host became free in time")
    }

    private func act(_ socket: Int32, _ events: Int32) {
        var count: Int32 = 0
        unsafe curl_multi_socket_action(multi, socket, events, &count)
    }

    private static let nudgeInterval = Duration.milliseconds(250)

    /// At its timer libcurl 7.88 gives up the first address of a name that has others. It begins with the next one when it runs
    /// the transfer again, but has no socket and no timer left that would make it do so before all time is over.
    private func nudgeConnecting() {
        guard let nextNudge, nextNudge <= .now else { return }
        self.nextNudge = nil
        for (handle, transfer) in running where transfer.isConnecting { handle.runSoon() }
    }

    /// In milliseconds, until libcurl's timer, the next nudge or the next review of the queues; negative where there is none.
    private var pause: Int32 {
        guard admitted.isEmpty else { return 0 }
        let review = hostLimit.queuedCount > 0 ? nextReview : nil
        guard let next = [timer, nextNudge, review].compactMap(\.self).min() else { return -1 }
        let rest = next - .now
        // Rounded up: before the timer fires libcurl has nothing to do.
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

    /// Still counts as the same started transfer for the host's limit.
    private func startAgain(_ transfer: Transfer) {
        guard case .running(let handle?, let continuation) = transfer.phase else { return }
        recycle(handle)
        transfer.phase = .running(nil, continuation)
        transfer.connectionChoice = .fresh
        begin(transfer)
    }

    private static let reviewInterval = Duration.milliseconds(20)

    private func reviewQueues() {
        guard hostLimit.queuedCount > 0 else { return }
        let now = ContinuousClock.now
        guard now >= nextReview else { return }
        nextReview = now + Self.reviewInterval
        for transfer in hostLimit.queued where transfer.deadline <= now {
            finish(transfer, Self.queuedTooLong(transfer))
        }
        for transfer in hostLimit.review() { admit(transfer) }
    }

    private func finish(_ transfer: Transfer, _ outcome: Transfer.Outcome) {
        switch transfer.phase {
        case .new, .finished: return
        case .waiting(let continuation):
            transfer.phase = .finished
            hostLimit.cancel(transfer)
            transfer.resume(continuation, with: outcome)
        case .running(let handle, let continuation):
            transfer.phase = .finished
            if let handle {
                if case .success = outcome { recycle(handle) } else { remove(handle).free() }
            }
            transfer.resume(continuation, with: outcome)
            if let next = hostLimit.end(transfer) { admit(next) }
        }
    }

    /// The handle of a failed request is not used again: after a name that does not resolve, libcurl 7.88 keeps its buffer and
    /// refuses CURLOPT_BUFFERSIZE, so that every later request with the handle would fail.
    private func remove(_ handle: EasyHandle) -> EasyHandle {
        unsafe curl_multi_remove_handle(multi, handle.easy)
        running[handle] = nil
        return handle
    }

    private func recycle(_ handle: EasyHandle) {
        remove(handle).reset()
        if idleHandles.count < settings.maximumConnectionsPerHost {
            idleHandles.append(handle)
        } else {
            handle.free()
        }
    }
}
