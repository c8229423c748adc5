import Testing
import Untrusted

@Suite struct UTCTimeTests {
    /// RFC 9110's own example, the first second, the last of a leap day, and the days around 2000-03-01 and 2100-03-01.
    @Test(
        arguments: [
            (784_111_777, "1994-11-06", "08:49:37"),
            (0, "1970-01-01", "00:00:00"),
            (951_868_799, "2000-02-29", "23:59:59"),
            (951_868_800, "2000-03-01", "00:00:00"),
            (4_107_542_399, "2100-02-28", "23:59:59"),
            (4_107_542_400, "2100-03-01", "00:00:00"),
            (-1, "1969-12-31", "23:59:59"),
        ] as [(Int64, String, String)])
    func `a second has one date`(seconds: Int64, date: String, clock: String) {
        let time = UTCTime(unixSeconds: seconds)
        #expect(time.date == date && time.time == clock)
    }

    @Test func `a date leads back to its day`() {
        for day in stride(from: Int64(0), to: 60_000, by: 1) {
            let time = UTCTime(unixSeconds: day * 86_400)
            let back = UTCTime.daysSince1970(year: Int64(time.year), month: Int64(time.month), day: Int64(time.day))
            if back != day { Issue.record("day \(day) is \(time.date), which is day \(back)") }
        }
    }
}
