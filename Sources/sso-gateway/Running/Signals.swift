import Foundation
import Glibc
import Locking

/// Waits for the signals that end a process in good order.
///
/// One handler for the process's whole life hands them to a thread of their own, so that none falls between two ways of
/// handling it. (Blocking them and waiting does not do: Dispatch's main thread sleeps with every signal unblocked.)
enum Signals {
    private enum State {
        /// A signal ends the process, as if nobody had asked for it.
        case unasked
        case waiting(CheckedContinuation<Void, Never>)
    }

    private static let state = Locked(State.unasked)
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
        for number in [SIGTERM, SIGINT] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = unsafe write(Signals.channel.writing, &byte, 1)
            }
        }
    }

    /// Returns at the first SIGTERM or SIGINT. A second one ends the process at once.
    static func untilTold() async {
        await withCheckedContinuation { continuation in state.withLock { $0 = .waiting(continuation) } }
    }

    private static func take(_ number: Int32) {
        let asked = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .unasked }
            return if case .waiting(let continuation) = state { continuation } else { nil }
        }
        if let asked { return asked.resume() }
        signal(number, SIG_DFL)
        raise(number)
    }
}
