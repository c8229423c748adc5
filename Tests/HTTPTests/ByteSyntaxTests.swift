import TestSupport
import Testing
import Untrusted

@testable import HTTP

/// What may stand in names, values and hosts: at every length, with the byte that matters at every place.
@Suite struct ByteSyntaxTests {
    /// A text of every length up to `longest`, each byte of it replaced by each byte there is.
    private static func each(longest: Int, fill: UInt8, _ body: ([UInt8]) -> Bool) -> Bool {
        for count in 0...longest {
            let text = [UInt8](repeating: fill, count: count)
            guard body(text) else { return false }
            for position in text.indices {
                for byte in UInt8.min...UInt8.max {
                    var changed = text
                    changed[position] = byte
                    guard body(changed) else { return false }
                }
            }
        }
        return true
    }

    @Test func `a field value has no control byte but tabs`() {
        #expect(
            Self.each(longest: 50, fill: UInt8(ascii: "v")) { text in
                FieldSyntax.isValue(text.span) == text.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
            })
    }

    @Test func `control bytes but tabs are counted, however many there are`() {
        func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x09 || byte == 0x7f }
        #expect(
            Self.each(longest: 50, fill: UInt8(ascii: "v")) { text in
                FieldSyntax.countControls(text.span) == text.count(where: isControl)
            })
        // More than a byte counts to, in every sixteenth place and in all of them.
        for count in [4079, 4080, 4081, 4095, 4096, 4111, 9000, 70_000] {
            let all = [UInt8](repeating: 0x0d, count: count)
            let some = (0..<count).map { $0 % 16 == 3 ? UInt8(0x0a) : UInt8(ascii: "v") }
            #expect(FieldSyntax.countControls(all.span) == count)
            #expect(FieldSyntax.countControls(some.span) == some.count(where: isControl))
        }
    }

    @Test func `a host's name has letters, digits and three signs`() {
        let small = Set("abcdefghijklmnopqrstuvwxyz0123456789-._".utf8)
        let all = small.union("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        #expect(
            Self.each(longest: 26, fill: UInt8(ascii: "h")) { text in
                HostSyntax.isName(text.span) == (!text.isEmpty && text.allSatisfy(all.contains))
                    && HostSyntax.isLowerCaseName(text.span) == (!text.isEmpty && text.allSatisfy(small.contains))
            })
    }

    @Test func `a port is one digit to five`() {
        #expect(
            Self.each(longest: 8, fill: UInt8(ascii: "8")) { text in
                HostSyntax.isPort(text.span)
                    == ((1...5).contains(text.count) && text.allSatisfy(Set("0123456789".utf8).contains))
            })
    }

    @Test func `a plain name has letters, digits and hyphens alone`() {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-".utf8)
        #expect(
            Self.each(longest: 26, fill: UInt8(ascii: "n")) { text in
                FieldSyntax.isPlainName(text.span) == (!text.isEmpty && text.allSatisfy(plain.contains))
            })
    }

    @Test func `the first of a byte is found wherever it stands`() {
        #expect(
            Self.each(longest: 40, fill: UInt8(ascii: ".")) { text in
                (0...text.count).allSatisfy { start in
                    text.span.firstIndex(of: UInt8(ascii: ";"), from: start)
                        == text[start...].firstIndex(of: UInt8(ascii: ";")) ?? text.count
                }
            })
    }

    /// Like a header's name in every byte or in all but one.
    @Test(arguments: ["Host", "Cookie", "Content-Length", "X-Forwarded-Proto", "X-Original-URI"])
    func `names are the same by their letters' case and nothing else`(name: String) {
        let cased = HeaderNames([name])
        let asVariables = HeaderNames([name], folding: .variables)
        let own = Array(name.utf8)
        func isCased(_ bytes: [UInt8]) -> Bool { cased.contains(bytes.span) }
        func isVariable(_ bytes: [UInt8]) -> Bool { asVariables.contains(bytes.span) }
        func isBeginning(_ bytes: [UInt8]) -> Bool { cased.containsBeginning(of: bytes.span) }
        func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool { HTTPHeaders.equal(one.span, other.span) }
        func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte + 0x20 : byte }
        func variable(_ byte: UInt8) -> UInt8 {
            let byte = folded(byte)
            return (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) ? byte : 0x2d
        }
        for position in own.indices {
            for byte in UInt8.min...UInt8.max {
                var other = own
                other[position] = byte
                let isSame = folded(byte) == folded(own[position])
                #expect(isCased(other) == isSame)
                #expect(areEqual(other, own) == isSame && areEqual(own, other) == isSame)
                #expect(isVariable(other) == (variable(byte) == variable(own[position])))
                #expect(isBeginning(other + [0x2d, 0x41]) == isSame)
            }
        }
        #expect(!isCased(own.dropLast()) && !isCased(own + [0x2d]) && !isBeginning(own.dropLast()))
    }
}

@Suite struct KnownHeaderTests {
    @Test func `every known header is recognized in any case, and by nothing else`() {
        for header in KnownHeader.allCases {
            let name = header.name
            for spelling in [name, name.lowercased(), name.uppercased()] {
                let headers: HTTPHeaders = ["X-Other": "x", spelling: "value"]
                #expect(headers[header] == "value" && headers.lookUpBytes(header) == .one(Array("value".utf8)[...]))
            }
            for spelling in [name + "s", String(name.dropLast()), name.replacing("-", with: "_") + "_"] {
                #expect(([spelling: "value"] as HTTPHeaders).lookUp(header) == .absent, "\(spelling)")
            }
            #expect(([name: "1", name.lowercased(): "2"] as HTTPHeaders).lookUp(header) == .several)
            #expect(
                ([name: "1", name.lowercased(): "2"] as HTTPHeaders).all(header).map(Array.init) == [[0x31], [0x32]])
        }
    }

    @Test func `a known name with any one byte changed is known only where that spells one`() {
        let spellings = Dictionary(
            uniqueKeysWithValues: KnownHeader.allCases.map { (Array($0.name.utf8).map(HTTPHeaders.lowered), $0) })
        for header in KnownHeader.allCases {
            let name = Array(header.name.utf8)
            for position in name.indices {
                var changed = name
                let wrong = (0...UInt8.max).filter { byte in
                    changed[position] = byte
                    return KnownHeader(changed.span) != spellings[changed.map(HTTPHeaders.lowered)]
                }
                #expect(wrong == [], "\(header) at \(position)")
            }
        }
    }

    @Test(arguments: [0, 1, 253, 254, 255, 256, 600])
    func `a known name is found behind however many fields, once or twice`(others: Int) {
        var headers = HTTPHeaders((0..<others).map { HTTPHeaders.Field(name: "X-Field-\($0)", value: "") })
        #expect(!headers.has(.host) && headers.lookUp(.host) == .absent)
        headers.append("Host", "one")
        #expect(
            headers.has(.host) && headers.lookUp(.host) == .one("one") && headers.all(.host) == [Array("one".utf8)[...]]
        )
        headers.append("host", "two")
        #expect(
            headers.has(.host) && headers.lookUp(.host) == .several
                && headers.all(.host) == ["one", "two"].map { Array($0.utf8)[...] })
    }

    @Test func `a question is answered for a known name as it is for any other`() {
        let question = HeaderCondition { $0.count > 8 }
        let names = KnownHeader.allCases.map(\.name) + ["X-Some-Other-Name", "Short"]
        for name in names {
            #expect(question.holds([name: ""], at: 0) == (name.utf8.count > 8), "\(name)")
        }
    }

    @Test(arguments: ["Host", "X-Forwarded-Anything"])
    func `a repeated name is seen whatever stands between`(name: String) {
        let headers: HTTPHeaders = [name: "1", "Accept": "2", "X-Other": "3", name.uppercased(): "4"]
        #expect((0..<4).map(headers.isRepeated) == [true, false, false, true])
    }
}
