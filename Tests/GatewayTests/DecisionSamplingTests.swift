import Testing

@testable import Gateway

@Suite struct DecisionSamplingTests {
    @Test(arguments: [("none", 0), ("all", 100_000), ("1/2", 50_000), ("1/100", 1_000), ("1/1000", 100)])
    func `takes the share that it names, in no regular pattern`(_ text: String, _ expected: Int) throws {
        let sampling = try #require(DecisionSampling(text))
        let ids = RequestIDs(.secure)
        let taken = (0..<100_000).map { _ in sampling.contains(ids.next()) }
        let count = taken.count { $0 }
        // Six standard deviations: one false alarm in a thousand million runs.
        let allowed = 6 * (Double(expected) * (1 - Double(expected) / 100_000)).squareRoot()
        #expect(abs(Double(count - expected)) <= allowed, "\(count)")
        guard text == "1/2" else { return }
        // Of every second request about a half is taken too.
        let second = stride(from: 0, to: taken.count, by: 2).count { taken[$0] }
        #expect((24_000...26_000).contains(second), "\(second)")
    }

    @Test(arguments: ["", "some", "1/0", "0/1", "2/3", "1/-1", "1/ 2", "1/01", "1/1000001", "ALL", "1/2 "])
    func `refuses other texts`(_ text: String) {
        #expect(DecisionSampling(text) == nil)
    }

    @Test(arguments: ["none", "all", "1/100"])
    func `is shown as it is written`(_ text: String) {
        #expect(DecisionSampling(text)?.description == text)
    }
}
