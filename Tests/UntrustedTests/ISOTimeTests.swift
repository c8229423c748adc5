import Testing
import Untrusted

@Suite struct `An ISO 8601 time` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00.000Z"),
            ("2026-11-21T10:43:20.123Z", 1_795_257_800, 123_000_000, "2026-11-21T10:43:20.123Z"),
            ("2026-11-21T12:43:20.1+02:00", 1_795_257_800, 100_000_000, "2026-11-21T10:43:20.100Z"),
            ("2026-11-20T23:13:20-11:30", 1_795_257_800, 0, "2026-11-21T10:43:20.000Z"),
            ("2000-02-29T23:59:59.000001Z", 951_868_799, 1000, "2000-02-29T23:59:59.000001000Z"),
            ("9999-12-31T23:59:59Z", 253_402_300_799, 0, "9999-12-31T23:59:59.000Z"),
        ] as [(UntrustedText, Int64, Int64, String)])
    func `is read in any zone and written in UTC`(
        _ text: UntrustedText, _ seconds: Int64, _ nanoseconds: Int64, _ written: String
    ) throws {
        let time = try #require(ISOTime(text))
        #expect(time == ISOTime(seconds: seconds, nanoseconds: nanoseconds))
        #expect(time.text == written && ISOTime(UntrustedText(written)) == time)
    }

    @Test(
        arguments: [
            "", "2026-11-21", "2026-11-21T10:43:20", "2026-11-21 10:43:20Z", "2026-11-21t10:43:20z",
            "2026-11-21T10:43Z",
            "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-12-31T23:59:60Z", "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+0200",
            "2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00Z ", "+2026-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "20260101T000000Z",
        ] as [UntrustedText])
    func `has no other form`(_ text: UntrustedText) {
        #expect(ISOTime(text) == nil)
    }

    @Test func `comes back from its text for every day of four centuries`() {
        for day in stride(from: Int64(0), to: 146_097, by: 13) {
            let time = ISOTime(seconds: day * 86_400 + day % 86_400)
            #expect(ISOTime(UntrustedText(time.text)) == time)
        }
    }

    @Test func `orders by the time, not by the text`() throws {
        let early = try #require(ISOTime("2026-11-21T12:00:00+05:00"))
        let late = try #require(ISOTime("2026-11-21T08:00:00.000000001Z"))
        #expect(early < late && !(late < early))
    }
}
