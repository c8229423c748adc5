import Glibc
import HTTP

/// One line of the log while it is written. Printable ASCII, whatever is put in.
struct LogLine {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    /// As it is: for what this program's own texts say.
    mutating func put(_ text: String) {
        unsafe text.utf8.span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// A JSON string.
    mutating func putQuoted(_ text: String) {
        put("\"")
        putEscaped(text)
        put("\"")
    }

    /// Control bytes and everything outside ASCII escaped as in JSON, so that a terminal shows what is there.
    mutating func putEscaped(_ text: String) {
        if ByteSet.plainInJSON.containsAll(text) { return put(text) }
        for unit in text.utf16 {
            switch unit {
            case 0x22: put("\\\"")
            case 0x5c: put("\\\\")
            case 0x20...0x7e: bytes.append(UInt8(unit))
            default:
                let digits = String(unit, radix: 16)
                put("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            }
        }
    }

    /// `2026-01-31`, in UTC.
    mutating func putDate(_ time: timespec) {
        let parts = unsafe Self.parts(of: time)
        unsafe put(Int(parts.tm_year) + 1900, digits: 4)
        put("-")
        unsafe put(Int(parts.tm_mon) + 1, digits: 2)
        put("-")
        unsafe put(Int(parts.tm_mday), digits: 2)
    }

    /// `23:59:59.999`, in UTC.
    mutating func putTime(_ time: timespec) {
        let parts = unsafe Self.parts(of: time)
        unsafe put(Int(parts.tm_hour), digits: 2)
        put(":")
        unsafe put(Int(parts.tm_min), digits: 2)
        put(":")
        unsafe put(Int(parts.tm_sec), digits: 2)
        put(".")
        put(time.tv_nsec / 1_000_000, digits: 3)
    }

    @unsafe private static func parts(of time: timespec) -> tm {
        var (seconds, parts) = unsafe (time.tv_sec, tm())
        unsafe gmtime_r(&seconds, &parts)
        return unsafe parts
    }

    private mutating func put(_ number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
