import Glibc

/// The `Date` of every answer (RFC 9110 section 6.6.1), written once a second. libmicrohttpd writes one for each answer that
/// has none, which was a fortieth of a refusal's instructions.
final class DateHeader {
    /// Since 1970; before the first look at the clock, one that it never shows.
    private(set) var second = Int.min
    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private(set) var text = ""

    /// Looks at the clock.
    func refresh() {
        let now = time(nil)
        guard now != second else { return }
        second = now
        text = Self.text(of: now)
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(of second: Int) -> String {
        var (second, parts) = unsafe (second, tm())
        unsafe gmtime_r(&second, &parts)
        let date = unsafe "\(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
        let time = unsafe "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return unsafe "\(days[Int(parts.tm_wday)]), \(date) \(time) GMT"
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
