import HTTP
import JOSE
import Testing
import Untrusted

@testable import Gateway

@Suite struct JSONReplyTests {
    @Test(arguments: [
        ("Ada\u{202e}nimda", #""Ada\u202enimda""#), ("\u{7f}\u{85}\u{9b}", #""\u007f\u0085\u009b""#),
        ("\u{e0041}", #""\udb40\udc41""#), ("Zoë \u{1f680}", "\"Zoë \u{1f680}\""), ("a\"\\<", #""a\"\\\u003c""#),
    ])
    func `RT-108: what cannot be seen is escaped in an answer to a program`(_ value: String, _ quoted: String) {
        #expect(String(decoding: JSONReply.ok(["a": .string(value)]).body, as: UTF8.self) == "{\"a\":\(quoted)}\n")
    }
}
