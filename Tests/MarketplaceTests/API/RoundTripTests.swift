import JOSE
import Testing
import Untrusted

@testable import Marketplace

/// Random relatives of the golden bodies and answers: optional fields left out, other texts, numbers and lengths.
@Suite struct `Whatever is read` {
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    private static let texts: [UntrustedText] = [
        "", "x", "\"\\/\u{8}\u{c}\n\r\t", "<script>&amp;", "e\u{301}", "é", "\u{212a}", "\u{202e}\u{0}\u{7f}", "😀",
        "0.000",
        "99999999999999999999.99", "1970-01-01T00:00:00Z", "2026-11-21T12:43:20.123456789+02:00", "null",
        "notpaid", "interval", "error", "prepayment", "sandbox", "experiment", "gateway", "refunded", "a new word",
    ]
    private static let numbers: [JSONValue] = [
        .integer(0), .integer(.max), .integer(.min), .number(0.1), .number(1e300), .number(5e-300), .number(-0.0),
    ]

    /// Tries to change each part; a change that `isRead` refuses is taken back.
    private static func relative(
        of value: JSONValue, _ numbers: inout Numbers, isRead: (JSONValue) -> Bool
    ) -> JSONValue {
        var current = value
        for path in JSONTree.paths(in: value).reversed() {
            let random = Int.random(in: 0..<6, using: &numbers)
            let text = texts.randomElement(using: &numbers)!
            let number = Self.numbers.randomElement(using: &numbers)!
            let changed = JSONTree.changing(current, at: path) { value in
                switch value {
                case _ where random == 0: nil
                case .string where random < 4: .string(text)
                case .integer where random < 4, .number where random < 4: number
                case .array(let values) where random < 2: .array(values + values)
                case .bool(let bool): .bool(!bool)
                default: value
                }
            }
            if isRead(changed) { current = changed }
        }
        return current
    }

    private static func check<Value: FieldValue>(_ type: Value.Type, _ golden: JSONValue, _ place: FieldPlace) throws {
        var numbers = Numbers(state: UInt64(JSONTree.text(of: golden).utf8.count))
        for _ in 0..<60 {
            let json = relative(of: golden, &numbers) { (try? Value($0, at: place)) != nil }
            let value = try Value(json, at: place)
            let written = value.json.encoded
            let again = try Value(try JSONValue.parse(written), at: place)
            #expect(again == value)
            #expect(again.json.encoded == written)
        }
    }

    @Test(arguments: GoldenBody.all) func `of a request is written so that it is read as the same`(
        _ body: GoldenBody
    ) throws {
        let type: any RequestBody.Type = try #require(body.operation.body)
        try Self.check(type, body.json, .request)
    }

    @Test(arguments: GoldenAnswer.all) func `of an answer is written so that it is read as the same`(
        _ answer: GoldenAnswer
    ) throws {
        try Self.check(answer.type, answer.json, .answer)
    }
}
