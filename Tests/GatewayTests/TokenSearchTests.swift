import JOSE
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Gateway

/// A token in an answer, in every form that a server may have written it.
@Suite struct TokenSearchTests {
    /// Its base64 has characters that the two alphabets write differently.
    private static let token = "vc_~~~???>>>ÿÿÿ~?~?"
    private static let search = TokenSearch(SecretBytes(token))

    private static let forms: [(name: String, text: String)] = {
        let bytes = Array(token.utf8)
        let base64url = Base64URL.encode(bytes)
        let base64 = String(base64url.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        return [
            ("plain", token), ("base64url", base64url), ("base64", base64 + "=="),
            ("base64 behind one byte", Base64URL.encode(Array("x".utf8) + bytes)),
            ("base64 behind two bytes", Base64URL.encode(Array("id".utf8) + bytes + Array("end".utf8))),
            ("base64 with escaped slashes", base64.replacing("/", with: "\\/")),
            ("base64 in an address", base64.replacing("+", with: "%2B").replacing("/", with: "%2f")),
            ("hexadecimal", bytes.hexadecimal), ("upper-case hexadecimal", bytes.hexadecimal.uppercased()),
            ("escaped as in JSON", token.replacing("~", with: "\\u007e")),
            ("escaped as in an address", token.replacing("?", with: "%3F")),
            (
                "mixed-case hexadecimal",
                String(bytes.hexadecimal.enumerated().map { $0 % 3 == 0 ? Character($1.uppercased()) : $1 })
            ),
            ("hexadecimal in lines", lines(bytes.hexadecimal, "\n")),
            ("base64 in lines", lines(base64, "\r\n")), ("base64url in lines", lines(base64url, "\n")),
            ("base64 in lines of JSON", lines(base64, #"\n"#)), ("base64 in long lines", lines(base64, #"\r\n"#)),
            ("base64 in lines of JSON in JSON", lines(base64, #"\\r\\n"#)),
            ("base64 in lines by their number", lines(base64, #"\u000d\u000A"#)),
            ("base64 in lines of an address", lines(base64.replacing("+", with: "%2B"), "%0D%0a")),
            ("base64 in lines with blanks", lines(base64, "\r\n\t ")),
            ("escaped by JSON in an address", token.replacing("~", with: "%5cu007e")),
            ("escaped by an address in JSON", token.replacing("~", with: #"\%75007e"#)),
            ("escaped three times", token.replacing("?", with: "%25253F")),
            ("escaped twice", token.replacing("?", with: "%253F")),
        ]
    }()

    /// Lines of seven characters, so that no part of the token is whole in one.
    private static func lines(_ text: String, _ end: String) -> String {
        text.enumerated().map { ($0 > 0 && $0 % 7 == 0 ? end : "") + String($1) }.joined()
    }

    @Test(arguments: ["a%41%5ctoken", #"a\u0041\ntoken"#, "%25%2541-token"])
    func `finds a token that itself looks escaped`(_ token: String) {
        let search = TokenSearch(SecretBytes(token))
        let json = token.replacing("\\", with: #"\\"#)
        let spelled = token.utf8.map { "\\u00" + [$0].hexadecimal }.joined()
        let address = token.utf8.map { "%" + [$0].hexadecimal }.joined()
        for text in [token, json, spelled, address, Array(token.utf8).hexadecimal] {
            #expect(search.finds(in: Array(#"{"id":"\#(text)"}"#.utf8)), "\(text)")
        }
        #expect(!search.finds(in: Array("{}".utf8)))
    }

    /// A search that begins anew behind each near find would compare a thousand million bytes.
    @Test func `takes linear time in a text that repeats most of the token`() {
        let token = [UInt8](repeating: UInt8(ascii: "a"), count: 4000) + Array("b".utf8)
        let search = TokenSearch(SecretBytes(token))
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 256 * 1024)
        let time = leastTime(until: .seconds(3)) { #expect(!search.finds(in: text)) }
        #expect(time < .seconds(3))
        #expect(search.finds(in: text + [UInt8(ascii: "b")]))
    }

    @Test(arguments: forms)
    func `finds every form`(_ form: (name: String, text: String)) {
        #expect(Self.search.finds(in: Array(#"{"id":"\#(form.text)"}"#.utf8)), "\(form.name): \(form.text)")
    }

    @Test func `both base64 alphabets differ for this token, so that each form is tested`() {
        let base64url = Base64URL.encode(Array(Self.token.utf8))
        #expect(base64url.contains("-") && base64url.contains("_"))
    }

    @Test(arguments: [
        "", "{}", #"{"id":"vc_~~~???>>>"}"#, "dmNf", "766361", "\\", "%", "\\u", "\\u00", "%4", "\\u007", "\\%", "\\%7",
    ])
    func `finds nothing in other text`(_ text: String) {
        #expect(!Self.search.finds(in: Array(text.utf8)))
    }
}
