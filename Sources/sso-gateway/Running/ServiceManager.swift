import CProcess
import Gateway

/// Notifications to the service manager that started the process (systemd with `Type=notify`), if there is one.
enum ServiceManager {
    case ready
    case reloading
    case stopping

    /// A lost notification is no reason to stop serving.
    func report() {
        let message =
            switch self {
            case .ready: "READY=1"
            // systemd 253 and later: the reload ends with the first READY after this time (sd_notify(3)).
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Clock.system.nanoseconds() / 1000)"
            case .stopping: "STOPPING=1"
            }
        _ = unsafe process_notify(message)
    }
}
