import HTTP
import SecretMemory
import Testing
import Untrusted

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("/", "/", nil), ("/a/b", "/a/b", nil), ("/a%20b", "/a b", nil), ("/a?b=c", "/a", "b=c"), ("/?", "/", ""),
        ("/%C3%A9?x%ZZ", "/é", "x%ZZ"), ("/a?b?c", "/a", "b?c"),
        ("/a?\\d+#é ", "/a", "\\d+#é "),
    ])
    func `decodes the path once and leaves the query alone`(raw: String, path: String, query: String?) throws {
        let target = try RequestTarget(SecretBytes(raw))
        #expect(target.path.string == path)
        #expect(target.query?.exposedText?.string == query)
        #expect(raw.hasPrefix(target.rawPath.string))
    }

    @Test(
        arguments: [
            ("", .notOriginForm), ("http://a/b", .notOriginForm), ("*", .notOriginForm), ("a:80", .notOriginForm),
            ("/a b", .rawByte), ("/a#b", .rawByte), ("/\u{e9}", .rawByte), ("/a\t", .rawByte), ("/?\u{7f}", .rawByte),
            ("/?\t", .rawByte),
            ("/%", .percentEncoding), ("/%4", .percentEncoding), ("/%zz", .percentEncoding),
            ("/%00", .controlByte), ("/a%0ab", .controlByte), ("/%7f", .controlByte),
            ("/%ff", .notUTF8), ("/%c0%af", .notUTF8), ("/%ed%a0%80", .notUTF8),
        ] as [(String, RequestTarget.Refusal)])
    func `refuses what could be read in two ways`(raw: String, refusal: RequestTarget.Refusal) {
        #expect(throws: refusal) { try RequestTarget(SecretBytes(raw)) }
    }
}

@Suite struct FormParametersTests {
    @Test func `reads pairs in order, plus as blank, empty values and names without a value`() throws {
        let form = try FormParameters(SecretBytes("a=1&b=x+y%2B&&c=&d&%61b=2"))
        #expect(form.pairs.map(\.name) == ["a", "b", "c", "d", "ab"])
        #expect(form.pairs.map { $0.value.exposedText?.string } == ["1", "x y+", "", "", "2"])
    }

    @Test func `never answers with the first of two`() throws {
        let form = try FormParameters(SecretBytes("code=a&code=b"))
        guard case .several = form.lookUp("code") else { Issue.record("one of two was chosen"); return }
        guard case .absent = form.lookUp("state") else { Issue.record("found what is not there"); return }
    }

    @Test(
        arguments: [
            ("a=%", .percentEncoding(name: "a")), ("a=%0", .percentEncoding(name: "a")),
            ("a=%zz", .percentEncoding(name: "a")),
            ("a=%00", .controlByte(name: "a")), ("a=%0d%0a", .controlByte(name: "a")), ("a=%ff", .notUTF8(name: "a")),
            ("%=1", .percentEncoding(name: "a parameter's name")),
        ] as [(String, FormParameters.Refusal)])
    func `refuses what others repair`(raw: String, refusal: FormParameters.Refusal) {
        #expect(throws: refusal) { try FormParameters(SecretBytes(raw)) }
    }

    @Test func `a byte means the same whether it was encoded or not`() {
        func outcome(_ value: [UInt8]) -> Result<[UInt8]?, FormParameters.Refusal> {
            Result { () throws(FormParameters.Refusal) in
                try FormParameters(SecretBytes(Array("a=".utf8) + value)).pairs.first?.value.exposedBytes
            }
        }
        for byte in UInt8.min...(.max) where !Array("&+%".utf8).contains(byte) {
            let encoded =
                Array("x%".utf8) + [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]] + Array("y".utf8)
            #expect(outcome(Array("x".utf8) + [byte] + Array("y".utf8)) == outcome(encoded), "\(byte)")
        }
    }

    private let hexadecimal = Array("0123456789abcdef".utf8)

    @Test func `takes 64 parameters and not one more`() throws {
        let full = (0..<64).map { "p\($0)=1" }.joined(separator: "&")
        #expect(try FormParameters(SecretBytes(full)).pairs.count == 64)
        #expect(throws: FormParameters.Refusal.tooMany) { try FormParameters(SecretBytes(full + "&q=1")) }
    }
}
