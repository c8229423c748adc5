import JOSE
import SecretMemory
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
            ("escaped twice", token.replacing("?", with: "%253F")),
        ]
    }()

    @Test(arguments: forms)
    func `finds every form`(_ form: (name: String, text: String)) {
        #expect(Self.search.finds(in: Array(#"{"id":"\#(form.text)"}"#.utf8)), "\(form.name): \(form.text)")
    }

    @Test func `both base64 alphabets differ for this token, so that each form is tested`() {
        let base64url = Base64URL.encode(Array(Self.token.utf8))
        #expect(base64url.contains("-") && base64url.contains("_"))
    }

    @Test(arguments: ["", "{}", #"{"id":"vc_~~~???>>>"}"#, "dmNf", "766361"])
    func `finds nothing in other text`(_ text: String) {
        #expect(!Self.search.finds(in: Array(text.utf8)))
    }
}
