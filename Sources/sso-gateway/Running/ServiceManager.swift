import CProcess
import Gateway
import Glibc

/// Notifications to the service manager that started the process (systemd with `Type=notify`), if there is one.
enum ServiceManager {
    case ready
    case reloading
    case stopping
    /// The watchdog's sign of life.
    case alive

    /// How often to send `alive`: half of the watchdog's time (sd_watchdog_enabled(3)). Nil where it does not watch this process.
    static var watchdogInterval: Duration? {
        func number(_ name: String) -> Int64? { unsafe getenv(name).flatMap { unsafe Int64(String(cString: $0)) } }
        guard let microseconds = number("WATCHDOG_USEC"), microseconds > 1 else { return nil }
        if unsafe getenv("WATCHDOG_PID") != nil, number("WATCHDOG_PID") != Int64(getpid()) { return nil }
        return .microseconds(microseconds / 2)
    }

    /// Sends `alive` again and again, while `isAnswering` returns.
    static func reportAlive(while isAnswering: @escaping @Sendable () async -> Void) {
        guard let interval = watchdogInterval else { return }
        Task {
            while true {
                await isAnswering()
                ServiceManager.alive.report()
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// A lost notification is no reason to stop serving.
    func report() {
        let message =
            switch self {
            case .ready: "READY=1"
            // systemd 253 and later: the reload ends with the first READY after this time (sd_notify(3)).
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Clock.system.nanoseconds() / 1000)"
            case .stopping: "STOPPING=1"
            case .alive: "WATCHDOG=1"
            }
        _ = unsafe process_notify(message)
    }
}
