import Glibc
import Untrusted

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
        text = UTCTime(unixSeconds: Int64(now)).httpDate
    }
}
