import Testing
import Untrusted

@Suite struct HexadecimalTests {
    @Test(
        arguments: [
            ("0", 0), ("a", 10), ("00fF", 255), ("ffffffffffffffff", .max), ("", nil), ("g", nil), ("-1", nil),
            ("+1", nil), (" 1", nil), ("10000000000000000", nil), ("1:", nil),
        ] as [(String, UInt64?)])
    func `reads digits of either case and nothing else`(_ text: String, _ number: UInt64?) {
        #expect(Hexadecimal.number(text.utf8) == number)
    }

    @Test(arguments: [(0, "0"), (10, "a"), (0x0100, "100"), (.max, "ffffffffffffffff")] as [(UInt64, String)])
    func `writes a number without leading zeros`(_ number: UInt64, _ text: String) {
        #expect(Hexadecimal.text(number) == text)
    }
}
