import Testing
import Untrusted

@Suite struct UTCTimeTests {
    /// RFC 9110's own example, the first second, the last of a leap day, and the days around 2000-03-01 and 2100-03-01.
    @Test(
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01"),
            (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT", "2000-02-29"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT", "2000-03-01"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT", "2100-02-28"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31"),
        ] as [(Int64, String, String)])
    func `a second has one date`(seconds: Int64, httpDate: String, date: String) {
        let time = UTCTime(unixSeconds: seconds)
        #expect(time.httpDate == httpDate && time.date == date)
    }

    @Test func `a date leads back to its day`() {
        for day in stride(from: Int64(0), to: 60_000, by: 1) {
            let time = UTCTime(unixSeconds: day * 86_400)
            let back = UTCTime.daysSince1970(year: Int64(time.year), month: Int64(time.month), day: Int64(time.day))
            if back != day { Issue.record("day \(day) is \(time.date), which is day \(back)") }
        }
    }
}
