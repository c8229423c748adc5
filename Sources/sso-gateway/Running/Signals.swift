import Foundation
import Glibc
import Locking

/// The signals that a serving process handles.
///
/// One handler stays installed for the process's whole life and forwards each signal to a thread, so that no signal is
/// lost while handlers change. (`sigwait` does not work: Dispatch's main thread sleeps with every signal unblocked.)
enum Signals {
    private enum State {
        /// Nothing serves yet: SIGTERM and SIGINT end the process.
        case starting
        case serving, stopping
    }

    private static let state = Locked(State.starting)
    private static let stops = AsyncStream.makeStream(of: Void.self)
    /// One more reload is enough for all signals that arrive during a reload.
    private static let reloadRequests = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// A pipe, because `write` is one of the few calls that a handler may make (signal-safety(7)).
    private static let channel: (reading: Int32, writing: Int32) = {
        var ends: [Int32] = [-1, -1]
        precondition(unsafe pipe(&ends) == 0)
        return (ends[0], ends[1])
    }()

    /// To be called before anything starts that a signal should stop in order.
    static func watch() {
        let ends = channel
        Thread.detachNewThread {
            var number: UInt8 = 0
            while true {
                let count = unsafe read(ends.reading, &number, 1)
                if count == 1 { handle(Int32(number)) } else if count == 0 || errno != EINTR { return }
            }
        }
        install([SIGTERM, SIGINT])
        // Their default is to end the process.
        for number in [SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
    }

    /// From now on SIGHUP reloads the configuration. Before, it ends the process, as a closed terminal should.
    static func watchReload() { install([SIGHUP]) }

    /// One element for each requested reload. Requests during a reload are combined.
    static var reloads: AsyncStream<Void> { reloadRequests.stream }

    /// Returns at the first SIGTERM or SIGINT. A second one ends the process at once.
    static func waitForStop() async {
        state.withLock { $0 = .serving }
        for await _ in stops.stream { return }
    }

    private static func install(_ numbers: [Int32]) {
        for number in numbers {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = unsafe write(Signals.channel.writing, &byte, 1)
            }
        }
    }

    private static func handle(_ number: Int32) {
        guard number != SIGHUP else {
            reloadRequests.continuation.yield()
            return
        }
        let before = state.withLock { state in
            defer { if state == .serving { state = .stopping } }
            return state
        }
        switch before {
        case .serving:
            stops.continuation.yield()
            return
        case .stopping:
            Terminal.fail("stopped at once by a second signal. Requests under way were not answered.")
        case .starting: Question.restore()
        }
        signal(number, SIG_DFL)
        raise(number)
    }
}
