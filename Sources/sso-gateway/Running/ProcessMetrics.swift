import Gateway
import Glibc

/// The metrics of the process that every Prometheus client library has
/// (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>), read from proc(5) at each scrape.
enum ProcessMetrics {
    static func register(in metrics: Metrics) {
        let startTime = startTime
        metrics.read("process_cpu_seconds_total", "Processor time used, in seconds.", .counter) {
            one(stat().map { Double($0.ticks) / ticksPerSecond })
        }
        metrics.read("process_start_time_seconds", "When the process started, in seconds since 1970.") {
            one(startTime)
        }
        metrics.read("process_virtual_memory_bytes", "Virtual memory, in bytes.") {
            one(stat().map { Double($0.virtualBytes) })
        }
        metrics.read("process_resident_memory_bytes", "Resident memory, in bytes.") {
            one(stat().map { Double($0.residentPages) * Double(sysconf(Int32(_SC_PAGESIZE))) })
        }
        metrics.read("process_threads", "Threads.") { one(stat().map { Double($0.threads) }) }
        metrics.read("process_open_fds", "Open file descriptors.") { one(openDescriptors()) }
        metrics.read("process_max_fds", "Most file descriptors that may be open.") { one(mostDescriptors()) }
    }

    private static func one(_ value: Double?) -> [Metrics.Reading] { value.map { [Metrics.Reading($0)] } ?? [] }

    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    private struct Stat {
        let ticks, threads, start, virtualBytes, residentPages: Int
    }

    /// Of /proc/self/stat. The process's name, in brackets, may hold blanks; the fields are counted behind it.
    private static func stat() -> Stat? {
        guard let text = read("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ").map { Int($0) ?? 0 }
        // Field 3 of proc(5) is the first one here.
        guard fields.count > 21 else { return nil }
        return Stat(
            ticks: fields[11] + fields[12], threads: fields[17], start: fields[19], virtualBytes: fields[20],
            residentPages: fields[21])
    }

    /// In seconds since 1970. Computed once: a clock that is set must not look like a restart. /proc/stat has the time of the
    /// boot, but systemd hides it from the packaged service (`ProcSubset=pid`).
    private static let startTime = stat().map {
        Double(Clock.systemMilliseconds) / 1000 - Clock.secondsSinceBoot + Double($0.start) / ticksPerSecond
    }

    private static func openDescriptors() -> Double? {
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // Without `.`, `..` and the descriptor of this look.
        return Double(max(count - 3, 0))
    }

    private static func mostDescriptors() -> Double? {
        let name = "Max open files"
        let line = read("/proc/self/limits")?.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.dropFirst(name.count).split(separator: " ").first.flatMap { Double($0) }
    }

    private static func read(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            bytes += piece.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
