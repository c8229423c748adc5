/// Which decisions are logged (`log.decisions`): none, or one of so many.
package struct DecisionSampling: Sendable, Equatable, CustomStringConvertible {
    package static let none = DecisionSampling(oneIn: 0)
    package static let all = DecisionSampling(oneIn: 1)

    /// 0 for none.
    private let oneIn: UInt64

    private init(oneIn: UInt64) { self.oneIn = oneIn }

    /// `none`, `all`, or `1/N` with N up to a million; nil for anything else.
    package init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "all": self = .all
        default:
            guard text.hasPrefix("1/"), let number = UInt64(text.dropFirst(2)), (1...1_000_000).contains(number),
                text == "1/\(number)"
            else { return nil }
            self.init(oneIn: number)
        }
    }

    package var description: String {
        switch oneIn {
        case 0: "none"
        case 1: "all"
        default: "1/\(oneIn)"
        }
    }

    /// By the request's id, which looks random: with a count, regular requests could always or never be in the sample.
    func contains(_ id: RequestID) -> Bool { oneIn > 0 && id.mixed % oneIn == 0 }
}
