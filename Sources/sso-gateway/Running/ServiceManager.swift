import CProcess
import Gateway

/// What the service manager that started the process is told, where there is one: systemd with `Type=notify`.
enum ServiceManager {
    case ready
    case reloading
    case stopping

    /// A message that is lost is no reason to stop serving.
    func report() {
        let message =
            switch self {
            case .ready: "READY=1"
            // Since systemd 253 a reload is over when READY comes after this time (sd_notify(3)).
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Clock.system.nanoseconds() / 1000)"
            case .stopping: "STOPPING=1"
            }
        _ = unsafe process_notify(message)
    }
}
