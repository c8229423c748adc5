import Foundation
import Gateway
import Glibc
import Locking

/// Takes events from any thread and writes them from one of its own, so that nobody who has something to tell waits for
/// whoever reads. What is told faster than it is read for long is dropped, counted, and said.
final class LogWriter: Sendable {
    private struct Waiting {
        var lines: [UInt8] = []
        var dropped = 0
        var isClosing = false
    }

    /// In bytes; some 4,000 lines.
    static let room = 1 << 20
    /// What comes within this time of a line goes out in one go. In microseconds.
    private static let pause: UInt32 = 10_000

    private let format: LogFormat
    private let dropped: Counter
    private let waiting = Locked(Waiting())
    /// Told when there is something to write where nothing was, and at the end.
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
            take(format.line(event, request, fields, at: Clock.systemMilliseconds))
        }
    }

    /// Writes what there is, and ends. Whoever does not read for `limit` seconds is not waited for.
    func close(within limit: Double = 1) {
        waiting.withLock { $0.isClosing = true }
        wakeup.signal()
        _ = ended.wait(timeout: .now() + limit)
    }

    private func take(_ line: [UInt8]) {
        let (isFirst, isTaken) = waiting.withLock { waiting in
            guard waiting.lines.count + line.count <= Self.room else {
                waiting.dropped += 1
                return (false, false)
            }
            defer { waiting.lines += line }
            return (waiting.lines.isEmpty, true)
        }
        if isFirst { wakeup.signal() }
        if !isTaken { dropped.count() }
    }

    private func run(_ output: LogOutput) {
        var (output, unsaid) = (output, 0)
        while true {
            wakeup.wait()
            let taken = waiting.withLock { waiting in
                defer { waiting = Waiting(isClosing: waiting.isClosing) }
                return waiting
            }
            let unwritten = output.write(taken.lines)
            dropped.count(by: unwritten)
            unsaid += taken.dropped + unwritten
            if unsaid > 0 {
                let line = format.line(.logLinesDropped, nil, ["count": "\(unsaid)"], at: Clock.systemMilliseconds)
                if output.write(line) == 0 { unsaid = 0 }
            }
            if taken.isClosing { break }
            usleep(Self.pause)
        }
        ended.signal()
    }
}
