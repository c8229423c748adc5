import TestSupport
import Testing
import Untrusted

@Suite struct UntrustedTextTests {
    private enum Role: String, CaseIterable {
        case admin = "ADMIN"
    }

    @Test(arguments: [("\u{e9}", "e\u{301}"), ("\u{212a}", "K"), ("\u{1100}\u{1161}", "\u{ac00}")])
    func `texts that Swift counts as equal are two texts`(one: String, other: String) {
        #expect(one == other)
        #expect(UntrustedText(one) != UntrustedText(other))
        #expect(!UntrustedText(one).equals(other))
        #expect(Set([UntrustedText(one), UntrustedText(other)]).count == 2)
    }

    @Test func `bytes that are not UTF-8 are no text`() {
        for bytes: [UInt8] in [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3]] {
            #expect(UntrustedText(validating: bytes) == nil)
        }
        #expect(UntrustedText(validating: [])?.isEmpty == true)
        #expect(UntrustedText(validating: Array("é\u{0}x".utf8))?.string == "é\u{0}x")
    }

    @Test func `prefixes, suffixes and parts are those of the bytes`() {
        let text: UntrustedText = "/sso/é/x"
        #expect(text.hasPrefix("/sso/") && !text.hasPrefix("/sso/e") && text.hasPrefix(""))
        #expect(text.hasSuffix("/x") && !text.hasSuffix("xx") && text.hasSuffix(""))
        #expect(!("x" as UntrustedText).hasSuffix("longer"))
        #expect(text.dropping(prefix: "/sso/") == "é/x")
        #expect(text.dropping(prefix: "/else") == nil)
        #expect(text.split(at: "/") == ["", "sso", "é", "x"])
        #expect(("K\u{212a}É" as UntrustedText).lowercasedASCII == "k\u{212a}É")
        // A mark behind the prefix belongs to its last letter for Swift's own `hasPrefix`, not for a program that reads bytes.
        #expect(("/sso/\u{301}" as UntrustedText).hasPrefix("/sso/"))
    }

    @Test func `a case is found by its exact bytes`() {
        #expect(Role("ADMIN" as UntrustedText) == .admin)
        #expect(Role("ADMI\u{ff2e}" as UntrustedText) == nil)
        #expect(Role("ADMIN\u{301}" as UntrustedText) == nil)
    }

    @Test func `RT-100: runs of combining marks compare and hash in the time of letters`() async {
        let complaints = await CostlyText.complaints(.raw) { bytes in
            let text = UntrustedText(checked: bytes)
            var names = Set<UntrustedText>()
            for place in 0..<20 { names.insert("\(text)\(place)") }
            #expect(names.count == 20 && !text.hasPrefix("/sso/") && text != "navigate")
            #expect(text.split(at: "/").count == 1)
        }
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
    }

    /// The measurement itself: it finds what Swift's own texts cost, and not what a slow moment of the machine costs.
    @Test func `a text that costs too much is found, and a slow moment is not taken for one`() async {
        let dear = await CostlyText.complaints(.raw) { bytes in
            var hasher = Hasher()
            String(decoding: bytes, as: UTF8.self).hash(into: &hasher)
            _ = hasher.finalize()
        }
        #expect(dear.contains { $0.contains("U+301 U+316") })
        var reads = 0
        let disturbed = await CostlyText.complaints(.raw) { bytes in
            reads += 1
            guard (2...12).contains(reads), bytes[0] != UInt8(ascii: "a") else { return }
            let began = ContinuousClock.now
            while ContinuousClock.now - began < .milliseconds(10) {}
        }
        #expect(disturbed.isEmpty && reads > 12)
    }
}
