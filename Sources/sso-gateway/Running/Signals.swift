import Foundation
import Glibc
import Locking

/// The signals that a serving process obeys.
///
/// One handler for the process's whole life hands them to a thread of their own, so that none falls between two ways of
/// handling it. (Blocking them and waiting does not do: Dispatch's main thread sleeps with every signal unblocked.)
enum Signals {
    private enum State {
        /// Nothing serves yet: SIGTERM and SIGINT end the process.
        case starting
        case serving, stopping
    }

    private static let state = Locked(State.starting)
    private static let stops = AsyncStream.makeStream(of: Void.self)
    /// However many come while one is obeyed, one more reload sees all that they mean.
    private static let reloadRequests = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// Reading and writing end. A handler may do hardly more than `write` (signal-safety(7)).
    private static let channel: (reading: Int32, writing: Int32) = {
        var ends: [Int32] = [-1, -1]
        precondition(unsafe pipe(&ends) == 0)
        return (ends[0], ends[1])
    }()

    /// Before anything is started that a signal should end well.
    static func watch() {
        let ends = channel
        Thread.detachNewThread {
            var number: UInt8 = 0
            while unsafe read(ends.reading, &number, 1) != 0 { take(Int32(number)) }
        }
        handle([SIGTERM, SIGINT])
        // Their default is to end the process, which nothing that sends them to a server means.
        for number in [SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
    }

    /// From now on SIGHUP is a request to reload; before, it ends the process, as a closed terminal should.
    static func watchReload() { handle([SIGHUP]) }

    /// One element for each reload that is asked for, or for several.
    static var reloads: AsyncStream<Void> { reloadRequests.stream }

    /// Returns at the first SIGTERM or SIGINT. A second one ends the process at once.
    static func untilTold() async {
        state.withLock { $0 = .serving }
        for await _ in stops.stream { return }
    }

    private static func handle(_ numbers: [Int32]) {
        for number in numbers {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = unsafe write(Signals.channel.writing, &byte, 1)
            }
        }
    }

    private static func take(_ number: Int32) {
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
            Terminal.complain("sso-gateway: stopped at once by a second signal. Requests under way have no answer.")
        case .starting: break
        }
        signal(number, SIG_DFL)
        raise(number)
    }
}
