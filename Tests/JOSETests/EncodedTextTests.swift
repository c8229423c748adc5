import JOSE
import Testing
import Untrusted

@Suite struct EncodedTextTests {
    @Test(arguments: [
        ("Ada\u{202e}nimda", #""Ada\u202enimda""#), ("\u{7f}\u{85}\u{9b}\u{ad}", #""\u007f\u0085\u009b\u00ad""#),
        ("\u{200b}\u{2066}\u{2028}\u{feff}", #""\u200b\u2066\u2028\ufeff""#), ("\u{e0041}", #""\udb40\udc41""#),
        ("Zoë 山田 \u{1f680}", "\"Zoë 山田 \u{1f680}\""), ("a\n\tb<", #""a\n\tb\u003c""#),
    ])
    func `RT-108: what cannot be seen is escaped and means the same`(_ value: String, _ encoded: String) throws {
        let object: JSONObject = ["a": .string(value)]
        #expect(String(decoding: object.encoded, as: UTF8.self) == #"{"a":"# + encoded + "}")
        #expect(
            try JSONObject(parsing: object.encoded)["a"]?.text?.equals(value)
                == true)
    }
}
