import JOSE
import SecretMemory
import Testing
import Untrusted

@Suite struct `Unverified token` {
    private static func refusal(_ token: String) -> JWSRefusal? {
        do {
            _ = try UnverifiedJWS(SecretBytes(token))
            return nil
        } catch {
            return error
        }
    }

    private static func refusal(header: String) -> JWSRefusal? {
        refusal("\(Base64URL.encode(Array(header.utf8))).e30.c2ln")
    }

    @Test func `shows its header`() throws {
        let header = #"{"alg":"RS256","kid":"k1","jku":"https://evil.example/","x5u":1,"jwk":{},"x5c":[]}"#
        let jws = try UnverifiedJWS(SecretBytes("\(Base64URL.encode(Array(header.utf8))).e30.c2ln"))
        #expect(jws.algorithm == "RS256")
        #expect(jws.keyID == "k1")
        #expect(jws.header["jku"] == .string("https://evil.example/"))
        #expect(try UnverifiedJWS(SecretBytes(RFC7515Example.token)).keyID == nil)
    }

    @Test(arguments: ["", "e30", "e30.e30", "e30.e30.c2ln.", "e30.e30.c2ln.c2ln", "e30.e30.c2ln.e30.e30", "....", "."])
    func `RT-69 has exactly three parts`(token: String) {
        #expect(Self.refusal(token) == .partCount)
    }

    @Test(arguments: ["..", ".e30.c2ln", "e30..", "..c2ln", "e30.e30."])
    func `RT-69 has no empty header and no empty signature`(token: String) {
        #expect(Self.refusal(token) == .emptyPart)
    }

    @Test func `has at most 16 KiB`() {
        let start = "eyJhbGciOiJSUzI1NiJ9."
        let fitting = start + String(repeating: "A", count: 16_384 - start.utf8.count - 5) + ".AAAA"
        #expect(fitting.utf8.count == 16_384)
        // 16,358 letters of payload are a canonical length.
        #expect(Self.refusal(fitting) == nil)
        #expect(Self.refusal(fitting + "A") == .tooLarge(bytes: 16_385))
        #expect(Self.refusal(String(repeating: ".", count: 1_000_000)) == .tooLarge(bytes: 1_000_000))
    }

    @Test(arguments: ["=", "==", " ", "\n", "+", "/", "%", "\0", "é"])
    func `is canonical base64url in every part`(stray: String) {
        let header = RFC7515Example.header
        #expect(Self.refusal("\(header)\(stray).e30.c2ln") == .headerNotBase64URL)
        #expect(Self.refusal("\(stray)\(header).e30.c2ln") == .headerNotBase64URL)
        #expect(Self.refusal("\(header).e30\(stray).c2ln") == .payloadNotBase64URL)
        #expect(Self.refusal("\(header).e30.c2ln\(stray)") == .signatureNotBase64URL)
    }

    @Test func `has no second spelling of its last bits`() {
        let header = RFC7515Example.header
        #expect(Self.refusal("\(header).e31.c2ln") == .payloadNotBase64URL)
        #expect(Self.refusal("\(header).e30.c2lnAB") == .signatureNotBase64URL)
    }

    @Test(arguments: [
        ("[]", JSONRefusal.notAnObject), ("{", .endsEarly), (#"{"alg":"RS256"}x"#, .trailingBytes(at: 15)),
        (#"{"alg":"RS256","alg":"none"}"#, .duplicateName(at: 15)),
        (#"{"alg":"RS256","kid":"a","\u006bid":"b"}"#, .duplicateName(at: 25)), ("\u{feff}{}", .byteOrderMark),
    ])
    func `RT-75 has a header of strict JSON`(header: String, refusal: JSONRefusal) {
        #expect(Self.refusal(header: header) == .header(refusal))
    }

    @Test(arguments: ["crit", "b64", "zip"])
    func `asks for no extension`(name: String) {
        for value in ["null", "[]", "true", "\"DEF\"", "[\"exp\"]"] {
            #expect(
                Self.refusal(header: #"{"alg":"RS256","\#(name)":\#(value)}"#) == .extensionNotSupported(name: name))
        }
    }

    @Test(arguments: ["{}", #"{"alg":null}"#, #"{"alg":256}"#, #"{"alg":["RS256"]}"#, #"{"ALG":"RS256"}"#])
    func `RT-67 names its algorithm`(header: String) {
        #expect(Self.refusal(header: header) == .algorithmMissing)
    }

    @Test func `has a key id of 1 to 256 bytes, or none`() {
        for id in [
            "\"\"", "null", "1", "[\"k\"]", "{}", "\"\(String(repeating: "k", count: 257))\"",
            "\"\(String(repeating: "é", count: 129))\"",
        ] {
            #expect(Self.refusal(header: #"{"alg":"RS256","kid":\#(id)}"#) == .keyIDMalformed)
        }
        #expect(Self.refusal(header: #"{"alg":"RS256","kid":"\#(String(repeating: "k", count: 256))"}"#) == nil)
    }

    @Test func `does not print its content`() throws {
        let jws = try UnverifiedJWS(SecretBytes(RFC7515Example.token))
        var dumped = ""
        dump(jws, to: &dumped)
        #expect(!dumped.contains("joe"))
        #expect(!dumped.contains(RFC7515Example.payload.prefix(20)))
    }
}
