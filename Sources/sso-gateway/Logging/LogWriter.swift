import Foundation
import Gateway
import Glibc
import Locking

/// Takes events from any thread and writes them from its own thread, so that a slow reader of the log delays no request.
/// Lines that do not fit into the queue are dropped, counted, and reported in the log.
final class LogWriter: Sendable {
    private struct Queue {
        var lines: [UInt8] = []
        var dropped = 0
        var isClosing = false
    }

    /// In bytes; about 4,000 lines.
    static let capacity = 1 << 20
    /// In microseconds. Lines that arrive within this time of each other are written together.
    private static let pause: UInt32 = 10_000

    private let format: LogFormat
    private let dropped: Counter
    private let queue = Locked(Queue())
    /// Signalled when an empty queue gets its first line or its first dropped line, and at the end.
    private let wakeup = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// `dropped` counts lines.
    init(_ format: LogFormat, to descriptor: Int32 = 2, dropped: Counter = Counter()) {
        self.format = format
        self.dropped = dropped
        Thread.detachNewThread { [self] in run(LogOutput(descriptor)) }
    }

    var log: EventLog {
        EventLog { [self] event, request, fields in
            append(format.line(event, request, fields, TraceContext.current, at: Clock.systemMilliseconds))
        }
    }

    /// Writes the queue and ends the thread. A reader that stalls is given up after `limit` seconds.
    func close(within limit: Double = 1) {
        queue.withLock { $0.isClosing = true }
        wakeup.signal()
        _ = ended.wait(timeout: .now() + limit)
    }

    private func append(_ line: [UInt8]) {
        let (isFirst, isTaken) = queue.withLock { queue in
            let isFirst = queue.lines.isEmpty && queue.dropped == 0
            guard queue.lines.count + line.count <= Self.capacity else {
                queue.dropped += 1
                return (isFirst, false)
            }
            queue.lines += line
            return (isFirst, true)
        }
        if !isTaken { dropped.count() }
        if isFirst { wakeup.signal() }
    }

    private func run(_ output: LogOutput) {
        var (output, unreported) = (output, 0)
        while true {
            wakeup.wait()
            let taken = queue.withLock { queue in
                defer { queue = Queue(isClosing: queue.isClosing) }
                return queue
            }
            let unwritten = output.write(taken.lines)
            dropped.count(by: unwritten)
            unreported += taken.dropped + unwritten
            if unreported > 0 {
                let line = format.line(.logLinesDropped, nil, ["count": "\(unreported)"], at: Clock.systemMilliseconds)
                if output.write(line) == 0 { unreported = 0 }
            }
            if taken.isClosing { break }
            usleep(Self.pause)
        }
        ended.signal()
    }
}
