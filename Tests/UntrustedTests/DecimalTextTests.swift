import Testing
import Untrusted

@Suite struct `A decimal amount` {
    @Test(arguments: ["0", "00", "12", "12.5", "0.1", "000.000", "99999999999999999999.0000000001"])
    func `keeps its text`(_ text: UntrustedText) throws {
        #expect(try #require(DecimalText(text)).text == text)
    }

    @Test(
        arguments: [
            "", ".", "1.", ".1", "1.2.3", "-1", "+1", " 1", "1 ", "1e3", "1,5", "0x1", "١", "１", "NaN",
            "11111111111111111111111111111111111111111",
        ] as [UntrustedText])
    func `has no other form`(_ text: UntrustedText) {
        #expect(DecimalText(text) == nil)
    }

    @Test(
        arguments: [
            ("0.1", "0.2", "0.3"), ("9.99", "0.01", "10.00"), ("0", "0", "0"), ("1", "0.001", "1.001"),
            ("99999999999999999999", "1", "100000000000000000000"), ("007", "1", "8"),
        ] as [(UntrustedText, UntrustedText, UntrustedText)])
    func `adds and subtracts exactly`(_ a: UntrustedText, _ b: UntrustedText, _ sum: UntrustedText) throws {
        let (a, b, sum) = (try #require(DecimalText(a)), try #require(DecimalText(b)), try #require(DecimalText(sum)))
        #expect(a.adding(b) == sum && b.adding(a) == sum)
        let rest = try #require(sum.subtracting(b))
        #expect(!rest.isGreater(than: a) && !a.isGreater(than: rest))
    }

    @Test func `has no difference below zero and no sum beyond its length`() throws {
        let (small, large) = (try #require(DecimalText("1.50")), try #require(DecimalText("1.5000001")))
        #expect(small.subtracting(large) == nil && large.isGreater(than: small) && !small.isGreater(than: large))
        let longest = try #require(DecimalText(UntrustedText(String(repeating: "9", count: 40))))
        #expect(longest.adding(longest) == nil)
    }
}
