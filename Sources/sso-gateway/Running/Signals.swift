import Dispatch
import Glibc

/// Waits for the signals that end a process in good order.
enum Signals {
    /// Returns at the first SIGTERM or SIGINT. A second one ends the process at once.
    static func untilTold() async {
        let sources = [SIGTERM, SIGINT].map { number in
            // Dispatch watches signals that nobody else handles.
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        let (told, continuation) = AsyncStream.makeStream(of: Void.self)
        for source in sources {
            source.setEventHandler { continuation.yield() }
            source.resume()
        }
        for await _ in told { break }
        for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
        for source in sources { source.cancel() }
    }
}
