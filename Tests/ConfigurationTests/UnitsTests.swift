import Testing

@testable import sso_gateway

@Suite struct UnitsTests {
    @Test(arguments: [("1s", 1), ("15m", 900), ("8h", 28_800), ("7d", 604_800)])
    func `reads durations`(text: String, seconds: Int64) {
        #expect(Units.seconds(text) == seconds)
    }

    @Test(arguments: ["", "15", "m", "-1m", "1.5h", "1 m", "0s", "1M", "9999999s", "1h30m"])
    func `refuses what is no duration`(text: String) {
        #expect(Units.seconds(text) == nil)
    }
}
