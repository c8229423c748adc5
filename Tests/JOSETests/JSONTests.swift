import JOSE
import SecretMemory
import Testing
import Untrusted

@Suite struct `JSON` {
    private static func parse(_ text: String) throws(JSONRefusal) -> JSONValue {
        try JSONValue.parse(Array(text.utf8))
    }

    private static func refusal(_ bytes: [UInt8]) -> JSONRefusal? {
        do {
            _ = try JSONValue.parse(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("false\n", .bool(false)), ("\"\"", .string("")),
            (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")),
            (#""\u00e9\u0000\uD834\uDD1e""#, .string("é\0𝄞")),
            (#""aé\u0041b""#, .string("aéAb")), ("[]", .array([])), ("[1, [ ] ]", .array([.integer(1), .array([])])),
            ("{}", .object([:])), (#"{"a":{"b":null}}"#, .object(["a": .object(["b": .null])])),
        ] as [(String, JSONValue)])
    func `is read`(text: String, value: JSONValue) throws {
        #expect(try Self.parse(text) == value)
        #expect(try JSONValue.parse(SecretBytes(text)) == value)
        #expect(try JSONValue.parse(value.encoded) == value)
    }

    @Test(
        arguments: [
            ("0", .integer(0)), ("-0", .integer(0)), ("-1", .integer(-1)), ("2147483648", .integer(2_147_483_648)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("-9223372036854775809", .number(-9_223_372_036_854_775_808)), ("1.0", .number(1)), ("1e3", .number(1000)),
            ("1E+3", .number(1000)), ("1.5", .number(1.5)), ("-1.25e-2", .number(-0.0125)), ("1e300", .number(1e300)),
            ("1e400", .number(.infinity)), ("-1e400", .number(-.infinity)), ("1e-400", .number(0)),
            ("1e99999999999999999999", .number(.infinity)), ("1e-99999999999999999999", .number(0)),
            ("0e99999999999999999999", .number(0)), ("-0.0", .number(0)),
            ("1" + String(repeating: "0", count: 400), .number(.infinity)),
            ("0." + String(repeating: "0", count: 400) + "1", .number(0)),
        ] as [(String, JSONValue)])
    func `RT-74 numbers neither trap nor wrap`(text: String, value: JSONValue) throws {
        #expect(try Self.parse(text) == value)
    }

    @Test(
        arguments: [
            ("0.1", true), ("-0.10", true), ("1e3", true), ("100e-2", true), ("0.0000001", true), ("1.50E+2", true),
            ("5e-324", true), ("1.7976931348623157e308", true), ("0e999999999999", true), ("0.000", true),
            ("-0.0", true),
            ("100000000000000000000", true), ("9007199254740993.0", false), ("1e400", false), ("1e-400", false),
            ("1e99999999999999999999", false), ("1e-99999999999999999999", false), ("0.1234567890123456789", false),
            ("12345678901234567890", false), ("9223372036854775807", false), ("-9223372036854775808", false),
            ("9007199254740992", true),
            ("-9007199254740992", true), ("9007199254740993", false), ("-9007199254740993", false),
            ("9007199254740994", true), ("1000000000000000000", true), ("1152921504606846976", false), ("-0", true),
            ("4.9e-324", false), ("1e308", true),
            ("1" + String(repeating: "0", count: 400), false), ("0." + String(repeating: "0", count: 400) + "1", false),
            ("1." + String(repeating: "0", count: 400), true),
        ] as [(String, Bool)])
    func `a number is exact if it is the same one when it is written again`(text: String, isExact: Bool) throws {
        let document = SecretBytes(#"{"a":[\#(text)]}"#)
        do throws(JSONRefusal) {
            let value = try JSONValue.parse(document, onlyExactNumbers: true)
            #expect(isExact)
            #expect(try JSONValue.parse(SecretBytes(value.encoded), onlyExactNumbers: true) == value)
        } catch {
            #expect(!isExact && error == .inexactNumber(at: 6) && error.reason == "json_inexact_number")
        }
    }

    @Test(arguments: [
        "", " ", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "-", "0x10", "1_000", "NaN", "Infinity", "-Infinity",
        "nul",
        "nulL", "True", "[1,]", "[,1]", "[1 2]", "[", "]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
        "{\"a\":1 \"b\":2}", "\"", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\U0041\"", "\"a\nb\"",
        "\"a\tb\"", "\"\u{1f}\"", "'a'", "1 2", "{} {}", "[]]", "null\0", "/**/1", "1//", "\u{a0}1", "\u{c}1",
        "\"\\\n\"", "\u{feff}1",
    ])
    func `is refused outside the grammar`(text: String) {
        #expect(Self.refusal(Array(text.utf8)) != nil)
    }

    @Test(
        arguments: [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
            [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xff], [0xe2, 0x82],
            [0xc3], [0x61, 0xc3, 0x28],
        ] as [[UInt8]])
    func `is refused with invalid UTF-8, escapes or not`(sequence: [UInt8]) {
        #expect(Self.refusal([0x22] + sequence + [0x22]) == .notUTF8(at: 0))
        #expect(Self.refusal(Array(#""\n"#.utf8) + sequence + [0x22]) == .notUTF8(at: 0))
        #expect(Self.refusal([0x22] + sequence + Array(#"\u0041""#.utf8)) == .notUTF8(at: 0))
        #expect(Self.refusal(Array("{\"".utf8) + sequence + Array("\":1}".utf8)) == .notUTF8(at: 1))
    }

    @Test(arguments: [
        #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #""\udc00\ud800""#, #""\ud800\n""#,
    ])
    func `is refused with half a surrogate pair`(text: String) {
        #expect(Self.refusal(Array(text.utf8)) == .loneSurrogate(at: 1))
    }

    @Test(arguments: [
        #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"b":2,"a":3}}"#, #"[[{"":1,"":2}]]"#,
        #"{"é":1,"\u00e9":2}"#,
    ])
    func `RT-75 duplicate names are refused at any depth`(text: String) {
        guard case .duplicateName = Self.refusal(Array(text.utf8)) else {
            Issue.record("\(text) was taken.")
            return
        }
    }

    @Test func `RT-100: names that only Unicode calls equivalent are two names`() throws {
        #expect(try JSONObject(parsing: Array(#"{"é":1,"e\u0301":2}"#.utf8)).members.count == 2)
    }

    @Test func `RT-75 duplicate names are found among many`() throws {
        let names = (0..<2000).map { #""n\#($0)":0"# }.joined(separator: ",")
        guard case .object(let object) = try Self.parse("{\(names)}") else {
            Issue.record("Not an object.")
            return
        }
        #expect(object.members.count == 2000)
        for name in ["n0", "n15", "n16", "n1999"] {
            guard case .duplicateName = Self.refusal(Array("{\(names),\"\(name)\":0}".utf8)) else {
                Issue.record("\(name) was taken twice.")
                return
            }
        }
    }

    @Test func `nests sixteen deep and no deeper`() {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
        }
        #expect(Self.refusal(nested(16, "[", "]")) == nil)
        #expect(Self.refusal(nested(17, "[", "]")) == .tooDeep(at: 16))
        #expect(Self.refusal(nested(16, "{\"a\":", "}")) == nil)
        #expect(Self.refusal(nested(17, "{\"a\":", "}")) == .tooDeep(at: 80))
        #expect(Self.refusal([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) == .tooDeep(at: 16))
        #expect(Self.refusal(Array("[[],[],[[[[[[[[[[[[[[[]]]]]]]]]]]]]]],[]]".utf8)) == nil)
    }

    @Test func `is an object where one is needed`() {
        for text in ["[]", "1", "\"{}\"", "null"] {
            #expect(throws: JSONRefusal.notAnObject) { try JSONObject(parsing: SecretBytes(text)) }
            #expect(throws: JSONRefusal.notAnObject) { try JSONObject(parsing: Array(text.utf8)) }
        }
    }

    @Test func `compares names and texts by bytes, not by canonical equivalence`() throws {
        // KELVIN SIGN and K are equal as Swift strings.
        let kelvin = "\u{212a}"
        #expect(kelvin == "K")
        let object = try JSONObject(parsing: SecretBytes("{\"\(kelvin)\":1}"))
        #expect(object["K"] == nil)
        #expect(object[UntrustedText(kelvin)] == .integer(1))
        #expect(JSONValue.string(kelvin) != .string("K"))
        #expect(!JSONValue.string(kelvin).isText("K"))
        #expect(JSONValue.string("K").isText("K"))
        #expect(!JSONValue.integer(1).isText("1"))
    }

    /// A token is printable ASCII, and never becomes a string that nobody can cleanse.
    @Test func `hands a token over apart, and only one that is printable`() throws {
        for length in [0, 1, 7, 8, 9, 1000] {
            let token = Array(repeating: UInt8(ascii: "a"), count: length)
            for byte in UInt8.min...(.max) {
                for place in Set([0, length / 2, length]) {
                    let text = token[..<place] + [byte] + token[place...]
                    let bytes = SecretBytes(Array(#"{"t":""#.utf8) + text + Array(#"","n":1}"#.utf8))
                    let isPlain =
                        (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                    let found = try? JSONObject.parse(bytes, withholding: "t")
                    #expect(found?.withheld?.exposedBytes == (isPlain ? Array(text) : nil), "\(byte) at \(place)")
                    #expect(found?.object == (isPlain ? ["t": .null, "n": .integer(1)] : nil))
                }
            }
        }
        #expect(throws: JSONRefusal.unexpectedByte(at: 7)) {
            try JSONObject.parse(SecretBytes("{\"t\":\"a\u{7f}\"}"), withholding: "t")
        }
    }

    @Test func `is written so that it may stand inside HTML`() {
        let value = JSONValue.object([
            "b": .string("</script>&\u{2028}\u{2029}\"\\\n\u{1}\u{7f}é"),
            "a": .array([.null, .bool(true), .integer(-1)]),
            "n": .number(1.5), "i": .number(.infinity),
        ])
        let expected =
            #"{"b":"\u003c/script\u003e\u0026\u2028\u2029\"\\\n\u0001\u007fé","a":[null,true,-1],"n":1.5,"i":null}"#
        #expect(String(decoding: value.encoded, as: UTF8.self) == expected)
    }

    @Test func `RT-76 survives every cut and every changed byte`() {
        let text = Array(#"{"iss":"https:\/\/a","exp":-1.5e+3,"x":[true,false,null,{"é":"\ud834\udd1e"}]}"#.utf8)
        for count in 0..<text.count { #expect(Self.refusal(Array(text.prefix(count))) != nil) }
        for position in text.indices {
            for byte in stride(from: UInt8.min, to: .max, by: 5) {
                var changed = text
                changed[position] = byte
                if let value = try? JSONValue.parse(changed) { #expect((try? JSONValue.parse(value.encoded)) == value) }
            }
        }
    }
}
